namespace EntityImport.Catalog;

/// <summary>The last import that brought rows in by a mapping, into the entity that its newest revision is for, and was not undone.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="Revision">The mapping's revision that it was read by, which need not be the newest.</param>
/// <param name="At">When it ended.</param>
/// <param name="HeaderSha256">The SHA-256 of the names of its file's columns, as in <see cref="Guards.FileHeader"/>.</param>
public sealed record MappingUse(Guid ImportId, int Revision, DateTimeOffset At, string HeaderSha256);
