using EntityImport.Storage;

namespace EntityImport.Imports;

/// <summary>Brings rows that the key forbids among those that were rejected before, by reading them from the file again.</summary>
internal static class ConflictRows
{
    /// <summary>Writes a new rejected-rows file with both; answers how many conflicts there were.</summary>
    /// <param name="source">The input.</param>
    /// <param name="rejections">What describes rows.</param>
    /// <param name="rejected">The rejected-rows file so far.</param>
    /// <param name="conflicts">The conflicts in file order, at the first one.</param>
    /// <param name="merged">Where the new file goes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<long> MergeAsync(
        ImportSource source, RowRejections rejections, Stream rejected, IAsyncEnumerator<KeyConflict> conflicts, Stream merged,
        CancellationToken cancellationToken)
    {
        rejected.Position = 0;
        using var rows = new RejectedRowsBuffer();
        RejectedRowsFile.Write(merged, RejectedRowsFile.Read<RejectedRowsFormat>(rejected)!);
        var earlier = RejectedRowsFile.Read<StoredRejectedRow>(rejected);
        var reader = new PartReader(source);
        var count = 0L;
        var more = true;
        foreach (var part in source.Parts)
        {
            if (!more) break;
            if (conflicts.Current.RecordNumber > part.RecordsBefore + part.RecordCount) continue;
            reader.Open(part);
            while (more && reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = reader.Batch;
                while (more && conflicts.Current.RecordNumber <= batch.RecordsBefore + batch.Count)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var conflict = conflicts.Current;
                    earlier = Copy(rejected, earlier, conflict.RecordNumber, rows, merged, cancellationToken);
                    rows.Add(rejections.Describe(batch, (int)(conflict.RecordNumber - batch.RecordsBefore - 1), conflict));
                    rows.MoveTo(merged);
                    count++;
                    more = await conflicts.MoveNextAsync().ConfigureAwait(false);
                }
            }
        }

        if (more) throw new InvalidOperationException($"Row {conflicts.Current.RecordNumber} is not in the file.");
        Copy(rejected, earlier, long.MaxValue, rows, merged, cancellationToken);
        merged.Flush();
        return count;
    }

    /// <summary>Copies rows up to one; answers the first that was not copied, or null.</summary>
    private static StoredRejectedRow? Copy(
        Stream rejected, StoredRejectedRow? row, long before, RejectedRowsBuffer rows, Stream merged, CancellationToken cancellationToken)
    {
        for (; row?.Row < before; row = RejectedRowsFile.Read<StoredRejectedRow>(rejected))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Add(row);
            rows.MoveTo(merged);
        }

        return row;
    }
}
