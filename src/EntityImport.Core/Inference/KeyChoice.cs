using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>Which column is proposed as the key, or why none is.</summary>
/// <param name="Column">The column; null where none identifies its records.</param>
/// <param name="Question">What is open where several do so equally well; else null.</param>
/// <param name="Findings">What was found of the candidates.</param>
internal sealed record KeyChoice(ProposedColumn? Column, OpenQuestion? Question, IReadOnlyList<Finding> Findings)
{
    /// <summary>The most columns of which it is found out whether they identify a record.</summary>
    private const int MaxCandidates = 3;

    private static readonly string[] IdWords = ["id", "key", "code", "sku", "no", "nr", "number", "nummer"];

    /// <summary>The columns that may be the key: the first one, and those that are named like one.</summary>
    public static List<ProposedColumn> Candidates(List<ProposedColumn> columns) =>
    [
        .. columns.Where(column => column.Field is { DataType: DataType.String or DataType.Integer or DataType.Date or DataType.DateTime }
            && column.Profile.Rows > 0 && (column.Index == 0 || ColumnNames.IsIdentifier(column.Profile.Name))).Take(MaxCandidates),
    ];

    /// <summary>Chooses among the candidates.</summary>
    /// <remarks>A first column that is named like a key decides, then one that is named after the entity, then the only one of such a name; a first column of another name comes last.</remarks>
    public static KeyChoice Among(IReadOnlyList<ProposedColumn> candidates, ProposalCheck check, string entity)
    {
        var unique = candidates.Where(column => check.Find(column.Index) is { MayBeKey: true }).ToList();
        var named = unique.FindAll(column => ColumnNames.IsIdentifier(column.Profile.Name));
        var findings = new List<Finding>();
        if (unique.Count == 0)
        {
            findings.Add(new Finding("key.none", Column: null, WhyNone(candidates, check)));
            AddAlike(candidates is [var first, ..] ? first : null);
            return new KeyChoice(null, null, findings);
        }

        var convention = named.Find(column => column.Index == 0) ?? named.Find(column => IsNamedAfter(entity, column.Profile.Name));
        var chosen = convention ?? named.FirstOrDefault() ?? unique[0];
        AddAlike(chosen);
        return new KeyChoice(chosen, convention is null && named.Count > 1 ? Ask(named) : null, findings);

        void AddAlike(ProposedColumn? column)
        {
            if (column is null || check.Find(column.Index)?.Key?.Alike is not { Count: > 0 } alike) return;
            var (values, differ) = alike.Count == 1 ? ("value", "differs") : ("values", "differ");
            findings.Add(new Finding(
                "key.alike",
                column.Profile.Name,
                $"Column '{RejectionReasons.Show(column.Profile.Name)}': {Wording.Number(alike.Count)} {values} {differ} from another one only by spaces, by characters that nobody can see, or by how a letter is composed: {Wording.Places(alike)}. As keys they are different records."));
        }
    }

    private static OpenQuestion Ask(List<ProposedColumn> columns)
    {
        var names = string.Join(", ", columns.Select(column => $"'{RejectionReasons.Show(column.Profile.Name)}'"));
        return new OpenQuestion(
            QuestionKind.Key,
            Column: null,
            $"Which column identifies a record? In each of {names} all values are there, and each occurs once.",
            [.. columns.Select(column => new PossibleAnswer($"'{RejectionReasons.Show(column.Profile.Name)}', such as {Examples(column)}", new JsonObject(), [column.Profile.Name]))]);
    }

    private static string Examples(ProposedColumn column) => string.Join(", ", column.Profile.Examples.Select(value => $"'{RejectionReasons.Show(value)}'"));

    private static string WhyNone(IReadOnlyList<ProposedColumn> candidates, ProposalCheck check)
    {
        if (candidates.Count == 0) return "No key is proposed: no column is named like one that identifies records, and the first one is none of texts, whole numbers or dates that could.";
        return $"No key is proposed. {string.Join(" ", candidates.Select(column => $"'{RejectionReasons.Show(column.Profile.Name)}': {WhyNot(check.Find(column.Index)!)}."))}";
    }

    private static string WhyNot(CheckedColumn column)
    {
        var why = new List<string>();
        if (column.Refused.Count > 0) why.Add($"{Wording.Number(column.Refused.Count)} not accepted, such as {Wording.Place(column.Refused.First[0])}");
        if (column.Key!.Empty > 0) why.Add($"{Wording.Number(column.Key.Empty)} empty");
        if (column.Key.Repeated is var (value, row, again)) why.Add($"'{RejectionReasons.Show(value)}' twice (rows {Wording.Number(row)} and {Wording.Number(again)})");
        return string.Join(", ", why);
    }

    /// <summary>Whether a column is named as the identifier of an entity: <c>id</c>, and <c>orderNo</c> of <c>orders</c>.</summary>
    private static bool IsNamedAfter(string entity, string column)
    {
        var (name, stem) = (Letters(column), Letters(entity));
        return Array.Exists(IdWords, word => name == word || Array.Exists(Singulars(stem), singular => name == singular + word));
    }

    private static string[] Singulars(string stem) =>
    [
        stem, .. new[] { ("ies", "y"), ("es", ""), ("s", ""), ("en", ""), ("n", "") }.Where(ending => stem.EndsWith(ending.Item1, StringComparison.Ordinal)).Select(ending => stem[..^ending.Item1.Length] + ending.Item2),
    ];

    private static string Letters(string name) => string.Concat(SystemNames.From(name, "").Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
}
