using System.Runtime.CompilerServices;

namespace EntityImport.Inference;

/// <summary>
/// Counts plain numbers, digits with at most one separator among them, by what decides how they are read: how many digits stand on which side. Most of a
/// column's numbers have one of few such shapes, and what is known of one need not be found out again.
/// </summary>
internal sealed class NumberShapes
{
    /// <summary>How often a shape is looked at in full before it is only counted, so that examples are kept of it.</summary>
    private const int LooksInFull = 4;

    private const int Slots = 32;
    private const int LongestNumber = 40;
    private const int NotPlain = 0;

    private readonly int[] _shapes = new int[Slots];
    private readonly int[] _looks = new int[Slots];
    private readonly int[] _counts = new int[Slots];

    /// <summary>Numbers that were only counted since <see cref="TakeCounts"/>.</summary>
    public long Pending { get; private set; }

    /// <summary>Counts a text; false where it has to be looked at in full.</summary>
    public bool TryCount(ReadOnlySpan<byte> text)
    {
        var shape = ShapeOf(text);
        if (shape == NotPlain) return false;
        var slot = (int)((uint)shape * 2654435769u >> 27);
        if (_shapes[slot] != shape)
        {
            // The first shape of a slot keeps it.
            if (_shapes[slot] != NotPlain) return false;
            _shapes[slot] = shape;
        }

        if (_looks[slot] < LooksInFull)
        {
            _looks[slot]++;
            return false;
        }

        _counts[slot]++;
        Pending++;
        return true;
    }

    /// <summary>For each shape that was counted a number of that shape, and how often; the counts begin anew.</summary>
    public IEnumerable<(string Body, int Count)> TakeCounts()
    {
        Pending = 0;
        for (var slot = 0; slot < Slots; slot++)
        {
            if (_counts[slot] == 0) continue;
            yield return (BodyOf(_shapes[slot]), _counts[slot]);
            _counts[slot] = 0;
        }
    }

    /// <summary>The shape: bit 0 set, then whether it begins with a zero, whether it is nothing but zeros, the separator, and the digits before and behind that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ShapeOf(ReadOnlySpan<byte> text)
    {
        if (text.Length > 0 && text[0] == '-') text = text[1..];
        if (text.Length is 0 or > LongestNumber) return NotPlain;
        var separator = -1;
        var digits = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if ((uint)(c - '0') <= 9) digits |= c - '0';
            else if (c is (byte)'.' or (byte)',' && separator < 0 && i > 0 && i < text.Length - 1) separator = i;
            else return NotPlain;
        }

        var whole = separator < 0 ? text.Length : separator;
        var mark = separator < 0 ? 0 : text[separator] == '.' ? 1 : 2;
        return 1 | (text[0] == '0' ? 2 : 0) | (digits == 0 ? 4 : 0) | (mark << 3) | (whole << 5) | ((text.Length - whole) << 11);
    }

    private static string BodyOf(int shape)
    {
        var whole = (shape >> 5) & 63;
        var rest = (shape >> 11) & 63;
        var body = new string('1', whole + rest).ToCharArray();
        if ((shape & 2) != 0) body[0] = '0';
        if (rest > 0) body[whole] = ((shape >> 3) & 3) == 1 ? '.' : ',';
        return new string(body);
    }
}
