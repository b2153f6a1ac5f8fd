namespace EntityImport.Postgres.Leases;

/// <summary>Another attempt has taken over what this one was about to write. Nothing was written.</summary>
internal sealed class FencedException(string message) : Exception(message);
