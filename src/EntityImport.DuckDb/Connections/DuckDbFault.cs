using DuckDB.NET.Native;

namespace EntityImport.DuckDb.Connections;

/// <summary>A statement that DuckDB refused or could not carry out, told without the values that it was about.</summary>
/// <param name="type">DuckDB's kind of fault.</param>
/// <param name="message">What DuckDB says.</param>
internal sealed class DuckDbFault(DuckDBErrorType type, string message) : Exception(message)
{
    /// <summary>DuckDB's kind of fault.</summary>
    public DuckDBErrorType Type => type;
}
