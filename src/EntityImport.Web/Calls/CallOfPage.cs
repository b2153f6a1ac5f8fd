namespace EntityImport.Web.Calls;

/// <summary>Marks a call of the API that a page of this server makes by itself. What a page may be asked for from elsewhere is decided where pages are mapped.</summary>
internal sealed class CallOfPage
{
    /// <summary>The mark.</summary>
    public static CallOfPage Instance { get; } = new();
}
