using EntityImport.Api;

namespace EntityImport.Cli.Imports;

/// <summary>Shows how far an import is.</summary>
internal interface IProgressView
{
    /// <summary>The file is being copied to the service.</summary>
    void Storing(long bytes, long total);

    /// <summary>The rows are being read, then merged.</summary>
    void Importing(ImportProgress progress);
}
