using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EntityImport.Entities;
using EntityImport.SqlStores;

namespace EntityImport.Postgres;

/// <summary>Tells whether two tables have the same rows, in whatever order: their number, and the sum of their hashes.</summary>
internal sealed class RowSum(IReadOnlyList<StoredColumn> columns)
{
    private readonly StringBuilder _text = new();
    private ulong _sum;

    /// <summary>How many rows there were.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Add(string?[] row)
    {
        _text.Clear();
        for (var i = 0; i < row.Length; i++)
        {
            // Stores write the same DOUBLE differently. A value cannot be taken for part of its neighbour: its length comes before it.
            var value = row[i] is { } text && columns[i].Field?.DataType == DataType.Double ? double.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture) : row[i];
            _text.Append(CultureInfo.InvariantCulture, $"{value?.Length ?? -1}:{value}");
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(_text.ToString()), hash);
        _sum += BinaryPrimitives.ReadUInt64LittleEndian(hash);
        Rows++;
    }

    /// <summary>Whether the rows are those of another one.</summary>
    public bool IsSameAs(RowSum other) => Rows == other.Rows && _sum == other._sum;
}
