using System.Text.RegularExpressions;

namespace EntityImport.Storage.Tests;

/// <summary>What statements are written without, so that one text runs on every server from PostgreSQL 14 on, behind a pooler, and on Citus.</summary>
internal static partial class SqlRules
{
    /// <summary>Words after which a table is named.</summary>
    private static readonly HashSet<string> BeforeTables = new(StringComparer.OrdinalIgnoreCase) { "FROM", "JOIN", "INTO", "UPDATE", "USING", "TABLE", "VIEW", "ANALYZE", "TRUNCATE", "COPY" };

    /// <summary>Words that may stand between.</summary>
    private static readonly HashSet<string> Between = new(StringComparer.OrdinalIgnoreCase) { "IF", "NOT", "EXISTS", "ONLY", "LATERAL" };

    private static readonly HashSet<string> Volatile = new(StringComparer.OrdinalIgnoreCase) { "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "random", "gen_random_uuid" };

    /// <summary>Which rule a text breaks; null where it breaks none.</summary>
    public static string? Check(string sql)
    {
        foreach (var statement in Statements(Words(sql)))
        {
            if (CheckOne(statement) is { } broken) return broken;
        }

        return null;
    }

    private static string? CheckOne(List<string> words)
    {
        if (words.Count == 0) return null;
        if (Has("MERGE")) return "MERGE is not in PostgreSQL 14";
        if (Has("TEMP") || Has("TEMPORARY")) return "a temporary table is a session's, and cannot be placed";
        // Whose schema is made holds no entity's tables yet.
        if (words.Exists(word => word.Contains("advisory", StringComparison.OrdinalIgnoreCase)) && !words.Contains("pg_advisory_xact_lock")) return "an advisory lock of a session";
        if (Is(0, "LOCK")) return "a lock on a table";
        if (words.Exists(word => word.ToUpperInvariant() is "NEXTVAL" or "SETVAL" or "SERIAL" or "BIGSERIAL" or "IDENTITY") || (Is(0, "CREATE") && Is(1, "SEQUENCE"))) return "a sequence";
        if (Is(0, "SET") && !Is(1, "LOCAL")) return "a setting of a session";
        if (words[0].ToUpperInvariant() is "PREPARE" or "DECLARE" or "DISCARD" or "RESET") return "something of a session";
        for (var at = 0; at < words.Count; at++)
        {
            if (Is(at, "VALUES") && words.Skip(at).TakeWhile(word => word.ToUpperInvariant() is not ("RETURNING" or "ON")).Contains("SELECT", StringComparer.OrdinalIgnoreCase)) return "a query in VALUES";
            if (TableAfter(words, at) is { } table) return table;
        }

        var ofEntities = words.Exists(word => word is "eis_data" or "eis_stage");
        if (Is(0, "UPDATE") && ofEntities && words.Exists(Volatile.Contains)) return "a value in UPDATE that is another one on each server";
        if (ofEntities && words.Where((word, at) => word == "eis" && at + 1 < words.Count && words[at + 1] == ".").Any()) return "the catalog, which is the coordinator's, in one statement with records";
        return null;

        bool Has(string word) => words.Contains(word, StringComparer.OrdinalIgnoreCase);

        bool Is(int at, string word) => at < words.Count && words[at].Equals(word, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What is wrong with the table that is named after a word, if one is.</summary>
    private static string? TableAfter(List<string> words, int at)
    {
        var word = words[at].ToUpperInvariant();
        var before = at > 0 ? words[at - 1].ToUpperInvariant() : "";
        // IS DISTINCT FROM; FOR UPDATE and ON CONFLICT DO UPDATE; extract(epoch FROM …).
        if (!BeforeTables.Contains(word) || before is "DISTINCT" or "FOR" or "DO" or "KEY" || (at > 2 && words[at - 2] == "(" && word == "FROM" && words[at - 3].ToUpperInvariant() is "EXTRACT" or "SUBSTRING" or "TRIM")) return null;
        if (word == "FROM" && words[0].Equals("COPY", StringComparison.OrdinalIgnoreCase)) return null;
        var next = at + 1;
        while (next < words.Count && Between.Contains(words[next])) next++;
        if (next >= words.Count || !IsName(words[next])) return null;
        // A function, or the name of a query of the same statement.
        if (next + 1 < words.Count && (words[next + 1] == "." || words[next + 1] == "(" && word != "INTO" && word != "TABLE" && word != "COPY")) return null;
        var isQuery = Enumerable.Range(0, words.Count - 1).Any(place => words[place] == words[next] && words[place + 1].Equals("AS", StringComparison.OrdinalIgnoreCase) && place + 2 < words.Count && words[place + 2] == "(");
        return isQuery ? null : $"{words[next]} is not qualified";
    }

    private static bool IsName(string word) => word[0] == '"' || char.IsLetter(word[0]) || word[0] == '_';

    private static IEnumerable<List<string>> Statements(IEnumerable<string> words)
    {
        var statement = new List<string>();
        foreach (var word in words)
        {
            if (word != ";") statement.Add(word);
            else
            {
                yield return statement;
                statement = [];
            }
        }

        yield return statement;
    }

    /// <summary>The words and signs of a text, without texts in quotes and comments.</summary>
    private static IEnumerable<string> Words(string sql) => Token().Matches(sql).Select(match => match.Value).Where(word => word[0] != '\'' && !word.StartsWith("--", StringComparison.Ordinal));

    [GeneratedRegex("""--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$?\w+|[^\s\w]""")]
    private static partial Regex Token();
}
