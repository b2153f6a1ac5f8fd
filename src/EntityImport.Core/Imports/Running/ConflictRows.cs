using EntityImport.Imports.Rejections;
using EntityImport.Storage;

namespace EntityImport.Imports.Running;

/// <summary>Brings rows that the key forbids among those that were rejected before, by reading them from the file again.</summary>
internal static class ConflictRows
{
    /// <summary>Writes both in file order; answers how many conflicts there were.</summary>
    /// <param name="binding">The plan.</param>
    /// <param name="rejections">What describes rows.</param>
    /// <param name="rejected">The rows rejected before, as <see cref="RejectedRowsBuffer"/> writes them.</param>
    /// <param name="rejectedRows">How many these are.</param>
    /// <param name="conflicts">The conflicts in file order, at the first one.</param>
    /// <param name="merged">Where all rows go.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ImportRefusedException">More rows are rejected than are kept.</exception>
    public static async Task<long> MergeAsync(
        ImportBinding binding, RowRejections rejections, Stream rejected, long rejectedRows, IAsyncEnumerator<KeyConflict> conflicts, Stream merged,
        CancellationToken cancellationToken)
    {
        using var rows = new RejectedRowsBuffer();
        var bytes = rejected.Length - rejected.Position;
        var earlier = new Earlier(rejected);
        var reader = binding.Input.CreateReader();
        var count = 0L;
        var more = true;
        for (var i = 0; i < binding.Input.Parts.Count && more; i++)
        {
            var part = binding.Input.Parts[i];
            if (conflicts.Current.RecordNumber > part.RecordsBefore + part.RecordCount) continue;
            reader.Open(i);
            while (more && reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = reader.Batch;
                while (more && conflicts.Current.RecordNumber <= batch.RecordsBefore + batch.Count)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var conflict = conflicts.Current;
                    earlier.CopyTo(merged, conflict.RecordNumber, cancellationToken);
                    rejections.Describe(batch, (int)(conflict.RecordNumber - batch.RecordsBefore - 1), conflict, rows);
                    binding.Cap.CheckBytes(bytes += rows.MoveTo(merged));
                    binding.Cap.CheckRows(rejectedRows + ++count);
                    more = await conflicts.MoveNextAsync().ConfigureAwait(false);
                }
            }
        }

        if (more) throw new InvalidOperationException($"Row {conflicts.Current.RecordNumber} is not in the file.");
        earlier.CopyTo(merged, long.MaxValue, cancellationToken);
        merged.Flush();
        return count;
    }

    /// <summary>The rows rejected before, one after the other.</summary>
    private sealed class Earlier
    {
        private readonly Stream _rows;
        private byte[] _buffer = [];
        private ReadOnlyMemory<byte> _next;
        private long _row;

        public Earlier(Stream rows)
        {
            _rows = rows;
            MoveNext();
        }

        /// <summary>Copies rows up to one.</summary>
        public void CopyTo(Stream merged, long before, CancellationToken cancellationToken)
        {
            for (; !_next.IsEmpty && _row < before; MoveNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                merged.Write(_next.Span);
            }
        }

        private void MoveNext() => _next = RejectedRowsReader.ReadRaw(_rows, ref _buffer, out _row);
    }
}
