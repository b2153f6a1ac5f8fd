using System.Text.Json;
using EntityImport.Cli.Services;

namespace EntityImport.Cli.Imports;

/// <summary>A file on its way to the service.</summary>
internal static class StoredFile
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes the mapping, and stores the file under it.</summary>
    /// <returns>The upload.</returns>
    public static async Task<Guid> StoreAsync(ImportOrder order, PreparedImport prepared, IService service, IProgressView view, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(prepared.MappingDocument);
        var mapping = await service.CreateMappingAsync(document.RootElement, cancellationToken);
        await using var file = order.OpenFile();
        var storing = service.UploadAsync(mapping, file, order.FileName, cancellationToken);
        while (!storing.IsCompleted)
        {
            // The position may be that of a buffer which reaches beyond the end.
            view.Storing(Math.Min(file.Position, file.Length), file.Length);
            await Task.WhenAny(storing, Task.Delay(Refresh, CancellationToken.None));
        }

        return await storing;
    }
}
