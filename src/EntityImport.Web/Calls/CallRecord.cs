namespace EntityImport.Web.Calls;

/// <summary>A call of the API whose answer a page shows.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">The JSON that was sent; null where there was none.</param>
public sealed record CallRecord(string Method, string Path, string? Body);
