using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using EntityImport.Api;

namespace EntityImport.Server.Http;

/// <summary>What a connection sends. It passes everything on as it is, but for an answer that it was told to complete with a problem.</summary>
internal sealed class AnswerWriter(PipeWriter target) : PipeWriter
{
    private ArrayBufferWriter<byte>? _held;
    private Problem? _problem;
    private bool _hasBody;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => target.CanGetUnflushedBytes;

    /// <inheritdoc/>
    public override long UnflushedBytes => target.UnflushedBytes + (_held?.WrittenCount ?? 0);

    /// <summary>Puts a problem into the answer that is written next, which is the connection's last and has no body of its own.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="hasBody">False where the request allows no body, only its headers.</param>
    public void Complete(Problem problem, bool hasBody)
    {
        (_problem, _hasBody) = (problem, hasBody);
        _held = new ArrayBufferWriter<byte>();
    }

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _held?.GetMemory(sizeHint) ?? target.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _held is null ? target.GetSpan(sizeHint) : _held.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        if (_held is null) target.Advance(bytes);
        else _held.Advance(bytes);
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Release();
        return target.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Release();
        return target.WriteAsync(source, cancellationToken);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => target.CancelPendingFlush();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        Release();
        target.Complete(exception);
    }

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Release();
        return target.CompleteAsync(exception);
    }

    private void Release()
    {
        if (_held is not { WrittenCount: > 0 } held) return;
        _held = null;
        target.Write(WithProblem(held.WrittenSpan));
    }

    /// <summary>The answer with the problem; the answer as it is where it is none without a body.</summary>
    private ReadOnlySpan<byte> WithProblem(ReadOnlySpan<byte> answer)
    {
        const string Empty = "\r\nContent-Length: 0\r\n";
        var head = Encoding.Latin1.GetString(answer);
        if (!head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || !head.EndsWith("\r\n\r\n", StringComparison.Ordinal) || !head.Contains(Empty, StringComparison.Ordinal))
            return answer;
        var body = JsonSerializer.SerializeToUtf8Bytes(_problem, ApiJson.Options);
        var described = string.Create(
            CultureInfo.InvariantCulture,
            $"\r\nContent-Length: {body.Length}\r\nContent-Type: {Problem.MediaType}\r\nX-Content-Type-Options: nosniff\r\n");
        byte[] complete = Encoding.Latin1.GetBytes(head.Replace(Empty, described, StringComparison.Ordinal));
        return _hasBody ? [.. complete, .. body] : complete;
    }
}
