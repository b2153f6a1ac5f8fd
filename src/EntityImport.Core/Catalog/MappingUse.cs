namespace EntityImport.Catalog;

/// <summary>The last import that brought rows in by a mapping, in whichever of its revisions.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="At">When it ended.</param>
/// <param name="HeaderSha256">The SHA-256 of the names of its file's columns, as in <see cref="Guards.FileHeader"/>.</param>
public sealed record MappingUse(Guid ImportId, DateTimeOffset At, string HeaderSha256);
