using EntityImport.Catalog;

namespace EntityImport.Access;

/// <summary>What the audit trail tells of a request.</summary>
internal static class AuditNotes
{
    /// <summary>An entry about a request, and nothing that it was about.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">When.</param>
    /// <param name="result">What came of it, as <see cref="AuditEntry.Result"/> has it.</param>
    public static AuditEntry Of(Request request, DateTimeOffset now, string result) => new()
    {
        Id = Guid.CreateVersion7(now),
        At = now,
        Scheme = request.Caller.Scheme,
        Subject = request.Caller.Subject,
        Name = request.Caller.Name,
        Organisation = request.Caller.Organisation,
        Address = request.Address,
        Call = request.Call,
        Result = result,
    };
}
