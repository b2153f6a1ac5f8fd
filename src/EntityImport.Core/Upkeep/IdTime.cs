using System.Buffers.Binary;

namespace EntityImport.Upkeep;

/// <summary>When an id was made, as the id itself says (RFC 9562, version 7: 48 bits of milliseconds).</summary>
internal static class IdTime
{
    /// <summary>The time in an id.</summary>
    public static DateTimeOffset Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
        return DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
    }
}
