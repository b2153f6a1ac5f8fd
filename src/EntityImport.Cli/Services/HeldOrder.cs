using System.Text.Json;

namespace EntityImport.Cli.Services;

/// <summary>
/// An order that no equal command works at as long as this is not disposed of. It is a locked file, which the system gives back where the process dies; what its holder has begun is in it, for those
/// that wait.
/// </summary>
internal sealed class HeldOrder : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly FileStream? _file;

    private HeldOrder(FileStream? file, UnreportedImport? earlier)
    {
        _file = file;
        Earlier = earlier;
    }

    /// <summary>What equal commands that were waited for have begun; null where none was waited for, or nothing was begun.</summary>
    public UnreportedImport? Earlier { get; }

    /// <summary>Waits until no equal command holds the order, and holds it. Where no file can be locked, nothing is waited for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="order">The order, as <see cref="Imports.ImportOrder.Fingerprint"/> tells it.</param>
    /// <param name="tell">Tells that another command is waited for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<HeldOrder> TakeAsync(string path, string order, Action tell, CancellationToken cancellationToken)
    {
        for (DateTime? begun = null; ;)
        {
            try
            {
                // Without a buffer: what could not be written must not be tried again when the file is closed.
                return Hold(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0), order, begun);
            }
            catch (IOException exception) when (IsHeld(exception))
            {
                if (begun is null) tell();
                begun ??= DateTime.UtcNow;
                await Task.Delay(Pause, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return new HeldOrder(file: null, earlier: null);
            }
        }
    }

    /// <summary>Tells those that wait what was begun.</summary>
    public void Tell(UnreportedImport begun)
    {
        if (_file is null) return;
        _file.SetLength(0);
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(begun));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_file is null) return;
        using (_file)
        {
            try
            {
                File.SetLastWriteTimeUtc(_file.SafeFileHandle, DateTime.UtcNow);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Who waits finds the note, or does not know that it was waited for.
            }
        }
    }

    /// <param name="file">The file, which nobody else has.</param>
    /// <param name="order">The order.</param>
    /// <param name="begun">Since when it was waited for; null where it was not. What a holder has told that was done before is nobody's any more.</param>
    private static HeldOrder Hold(FileStream file, string order, DateTime? begun)
    {
        try
        {
            if (begun is { } waiting && File.GetLastWriteTimeUtc(file.SafeFileHandle) >= waiting && Read(file) is { } earlier && earlier.Order == order) return new HeldOrder(file, earlier);
            // That was told to others, long ago maybe.
            file.SetLength(0);
            return new HeldOrder(file, earlier: null);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static UnreportedImport? Read(FileStream file)
    {
        try
        {
            return JsonSerializer.Deserialize<UnreportedImport>(file);
        }
        catch (JsonException)
        {
            // Nothing was begun, or who did was killed before it had told.
            return null;
        }
    }

    /// <summary>Whether another process has the file: ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of Linux and of macOS.</summary>
    private static bool IsHeld(IOException exception) => exception.HResult is unchecked((int)0x80070020) or 11 or 35;
}
