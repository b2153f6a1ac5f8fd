using System.Globalization;

namespace EntityImport.Bench.Compare.Data;

/// <summary>The files of one number of products, made when they are first asked for and kept for the next run.</summary>
/// <param name="directory">Where they are.</param>
/// <param name="rows">How many products, from 1.</param>
internal sealed class DataSet(string directory, long rows)
{
    /// <summary>How many products.</summary>
    public long Rows => rows;

    /// <summary>The folder of the files.</summary>
    public string Directory => directory;

    /// <summary>A file's path; it may not be there yet.</summary>
    public string PathOf(DataVariant variant) => Path.Combine(directory, $"products-v{ProductWriter.Version}-{rows}-{variant}.csv");

    /// <summary>Makes a file where there is none.</summary>
    public void Ensure(DataVariant variant)
    {
        var path = PathOf(variant);
        if (File.Exists(path)) return;
        System.IO.Directory.CreateDirectory(directory);
        var unfinished = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}");
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            var writer = new ProductWriter(file, variant);
            writer.WriteHeader();
            for (var row = 0L; row < rows; row++) writer.WriteRow(row);
            writer.Flush();
        }

        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>How many rows of a file have a value that is none of its field, and the sum of their numbers, counted from 1.</summary>
    public (long Count, long NumberSum) CountBad(DataVariant variant)
    {
        var (count, sum) = (0L, 0L);
        for (var row = 0L; row < rows; row++)
        {
            if (!ProductWriter.IsBad(row, variant)) continue;
            count++;
            sum += row + 1;
        }

        return (count, sum);
    }
}
