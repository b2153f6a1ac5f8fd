using System.Runtime.InteropServices;

namespace EntityImport.ObjectStore.Objects;

/// <summary>Bytes as the content of a request, which is read again where it is sent again.</summary>
internal static class Content
{
    public static MemoryStream Of(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(bytes.ToArray(), writable: false);
}
