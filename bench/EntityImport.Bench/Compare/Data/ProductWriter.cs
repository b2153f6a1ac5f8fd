using System.Buffers.Text;
using System.Text;

namespace EntityImport.Bench.Compare.Data;

/// <summary>
/// Writes products as CSV. Every value is computed from the row's number alone, so that a row is the same in every variant and every file can be made again.
/// </summary>
internal sealed class ProductWriter(Stream target, DataVariant variant)
{
    /// <summary>Part of the files' names: another number whenever other bytes are written.</summary>
    public const int Version = 1;

    private const ulong Seed = 20_240_229;
    private const int BufferBytes = 1 << 20;
    private const int LongestRecord = 512;

    private static readonly byte[][] Kinds = Texts("steel", "brass", "black", "zinc", "short", "long", "fine", "heavy", "hex", "flat", "für Holz", "à tête");
    private static readonly byte[][] Things = Texts(
        "bolt", "nut", "screw", "washer", "hinge", "bracket", "clamp", "anchor", "rivet", "pin", "spring", "Möbelgriff", "Ø-Ring", "ケーブル", "tube", "lock");

    private static readonly byte[][] Categories = Texts("Fastener", "Fitting", "Tool", "Cable", "Sealing", "Hardware", "Plumbing", "Électricité");

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly bool _isIso = IsIso(variant);
    private int _length;

    /// <summary>Writes the header.</summary>
    public void WriteHeader() => Add("sku,name,category,price,discount,stock,weight,addedOn,updatedAt\n"u8);

    /// <summary>Writes a row; the first has number 0.</summary>
    public void WriteRow(long row)
    {
        if (BufferBytes - _length < LongestRecord) Flush();
        var bits = Mix(row, 0);
        var bad = IsBad(row, variant) ? (int)(Mix(row, 9) % 6) : -1;
        if (bad != 5) AddSku(row, bits);
        Add((byte)',');
        AddName(Mix(row, 1));
        Add((byte)',');
        Add(Categories[Mix(row, 2) % (ulong)Categories.Length]);
        Add((byte)',');
        var isChanged = variant is DataVariant.IsoAllChanged or DataVariant.LocaleAllChanged || (variant is DataVariant.IsoChanged or DataVariant.LocaleChanged && Mix(row, 8) % 20 == 0);
        if (bad == 0) Add("on request"u8);
        else AddMoney((long)(Mix(row, isChanged ? 11UL : 3) % 499_999) + 1);
        Add((byte)',');
        if (bad == 1) Add("12.5.5%"u8);
        else AddShare((int)(Mix(row, 4) % 1000));
        Add((byte)',');
        if (bad == 2) Add("many"u8);
        else if (bits % 16 != 0) AddNumber((long)(Mix(row, 5) % 1000));
        Add((byte)',');
        AddThousandths((long)(Mix(row, 6) % 99_999));
        Add((byte)',');
        var day = DateOnly.FromDayNumber(735_600 + (int)(Mix(row, 7) % 3_650));
        if (bad == 3) Add("31-02-2024"u8);
        else AddDate(day);
        Add((byte)',');
        var second = (int)(Mix(row, isChanged ? 12UL : 10) % 86_400);
        AddDate(day.AddDays(second % 700));
        Add(bad == 4 ? " 25:61:00"u8 : " "u8);
        if (bad != 4) AddTime(second);
        Add((byte)'\n');
    }

    /// <summary>Writes what is still in the buffer.</summary>
    public void Flush()
    {
        target.Write(_buffer, 0, _length);
        _length = 0;
    }

    /// <summary>Whether a variant is written plainly.</summary>
    public static bool IsIso(DataVariant variant) => variant is DataVariant.Iso or DataVariant.IsoChanged or DataVariant.IsoAllChanged;

    /// <summary>Whether a row of a variant has a value that is none of its field.</summary>
    public static bool IsBad(long row, DataVariant variant) =>
        variant == DataVariant.LocaleAllBad || (variant == DataVariant.LocaleFewBad && Mix(row, 13) % 100 == 0);

    private void AddSku(long row, ulong bits)
    {
        Add((byte)'P');
        AddDigits(row, 8);
        Add((byte)('A' + bits % 26));
    }

    private void AddName(ulong bits)
    {
        var kind = Kinds[bits % (ulong)Kinds.Length];
        var thing = Things[(bits >> 8) % (ulong)Things.Length];
        var number = (long)((bits >> 16) % 10_000);
        var form = (bits >> 56) & 31;
        if (form == 0)
        {
            Add("\"3/4\"\" "u8);
            Add(thing);
        }
        else if (form < 5)
        {
            Add((byte)'"');
            Add(thing);
            Add(", "u8);
            Add(kind);
        }
        else
        {
            Add(kind);
            Add((byte)' ');
            Add(thing);
        }

        Add((byte)' ');
        AddNumber(number);
        if (form < 5) Add((byte)'"');
    }

    private void AddMoney(long cents)
    {
        var isGrouped = !_isIso && cents >= 100_000;
        if (isGrouped) Add((byte)'"');
        if (!_isIso) Add((byte)'$');
        if (isGrouped)
        {
            AddNumber(cents / 100_000);
            Add((byte)',');
            AddDigits(cents / 100 % 1000, 3);
        }
        else
        {
            AddNumber(cents / 100);
        }

        Add((byte)'.');
        AddDigits(cents % 100, 2);
        if (isGrouped) Add((byte)'"');
    }

    private void AddShare(int thousandths)
    {
        if (_isIso)
        {
            Add("0."u8);
            AddDigits(thousandths, 3);
            return;
        }

        AddNumber(thousandths / 10);
        Add((byte)'.');
        AddDigits(thousandths % 10, 1);
        Add((byte)'%');
    }

    private void AddThousandths(long value)
    {
        AddNumber(value / 1000);
        Add((byte)'.');
        AddDigits(value % 1000, 3);
    }

    private void AddDate(DateOnly day)
    {
        if (_isIso) AddDigits(day.Year, 4);
        else AddDigits(day.Day, 2);
        Add((byte)'-');
        AddDigits(day.Month, 2);
        Add((byte)'-');
        if (_isIso) AddDigits(day.Day, 2);
        else AddDigits(day.Year, 4);
    }

    private void AddTime(int second)
    {
        AddDigits(second / 3600, 2);
        Add((byte)':');
        AddDigits(second / 60 % 60, 2);
        Add((byte)':');
        AddDigits(second % 60, 2);
    }

    private void AddNumber(long value)
    {
        if (!Utf8Formatter.TryFormat(value, _buffer.AsSpan(_length), out var written)) throw new InvalidOperationException("The buffer is full.");
        _length += written;
    }

    private void AddDigits(long value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            _buffer[_length + i] = (byte)('0' + value % 10);
            value /= 10;
        }

        _length += count;
    }

    private void Add(byte value) => _buffer[_length++] = value;

    private void Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    /// <summary>SplitMix64's output for a row's place: well mixed, and reachable without the ones before it.</summary>
    private static ulong Mix(long row, ulong place)
    {
        var bits = Seed + ((ulong)row * 16 + place) * 0x9E37_79B9_7F4A_7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
