using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Web.Shared;

/// <summary>Addresses with their parameters.</summary>
internal static class Address
{
    /// <summary>An address with parameters; those without a value are left out.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in parameters)
            if (!string.IsNullOrEmpty(value)) query.Add(name, value);
        return path + query.ToQueryString();
    }

    /// <summary>The query that is there, with some parameters changed or, by null, taken out.</summary>
    public static string With(string path, IEnumerable<KeyValuePair<string, StringValues>> query, params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var builder = new QueryBuilder();
        foreach (var (name, values) in query)
        {
            var isChanged = false;
            foreach (var change in changes) isChanged |= change.Name == name;
            if (!isChanged) foreach (var value in values) if (!string.IsNullOrEmpty(value)) builder.Add(name, value);
        }

        foreach (var (name, value) in changes)
            if (!string.IsNullOrEmpty(value)) builder.Add(name, value);
        return path + builder.ToQueryString();
    }
}
