using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli.Imports;

/// <summary>Says what a plan would do: what its changes have in common, the guards that forbid it, the ledger, which fields change how often, the largest changes before and after, the first rejected rows, and how it is applied.</summary>
internal sealed class PlanReport(PlanDetails plan, PreparedImport prepared, IService service, Terminal terminal)
{
    private const int MaxFieldsShown = 10;
    private const int MaxChangesShown = 5;

    private readonly Ledger _ledger = plan.Plan.Ledger;

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (plan.Changes is not { } changes)
        {
            terminal.WriteError($"The plan failed, and nothing was written. {plan.Plan.Message}");
            await WriteRejectedAsync(cancellationToken);
            return;
        }

        WriteSignatures();
        foreach (var breach in plan.Guards) terminal.WriteLine(TextTable.OneLine($"Forbidden by a guard: {breach.Message}"));
        terminal.WriteLine($"Plan for {prepared.Entity.SystemName}; nothing was written. It would be:");
        ImportReport.WriteLedger(_ledger, terminal);
        terminal.WriteLine($"Of the records, {Amounts.Count(changes.Inserted)} would be inserted, {Amounts.Count(changes.Updated)} updated and {Amounts.Count(changes.Removed)} removed.");
        await WriteChangesAsync([.. changes.Fields.Where(field => field.Updated > 0).OrderByDescending(field => field.Updated)], cancellationToken);
        foreach (var warning in plan.Warnings) terminal.WriteLine($"Warning: {warning.Message}");
        await WriteRejectedAsync(cancellationToken);
        if (prepared.IsNew) terminal.WriteLine($"The new entity {prepared.Entity.SystemName} is there, and empty.");
        terminal.WriteLine(plan.Moved is { } moved ? $"It cannot be applied any more: {moved.Message}"
            : plan.Guards.Count > 0 ? $"To do it all the same, as an administrator: eis apply {plan.Plan.PlanId} --reason \"why\""
            : $"To do exactly that: eis apply {plan.Plan.PlanId}");
    }

    // Values with line ends must not look like lines of this report.
    private void WriteSignatures()
    {
        foreach (var signature in plan.Signatures)
        {
            var example = signature.Examples is [var first, ..] ? $" {first.Key}: {first.Before} -> {first.After}" : "";
            terminal.WriteLine(TextTable.OneLine($"{(signature.Grade == ChangeGrade.Mistake ? "Looks like a mistake: " : "")}{signature.Message}{example}"));
        }
    }

    private async Task WriteChangesAsync(IReadOnlyList<PlannedField> fields, CancellationToken cancellationToken)
    {
        if (fields.Count == 0) return;
        var counts = new TextTable("Field", "Changes#");
        foreach (var field in fields) counts.Add(field.SystemName, Amounts.Count(field.Updated));
        terminal.Write(counts);
        var table = new TextTable("Field", string.Join(", ", prepared.Entity.Key.Select(field => field.SystemName)), "Before", "After");
        try
        {
            foreach (var field in fields.Take(MaxFieldsShown))
            {
                foreach (var change in await service.ListUpdatesAsync(plan.Plan.PlanId, field.SystemName, MaxChangesShown, cancellationToken))
                    table.Add(field.SystemName, string.Join(", ", change.Key.Values.Select(FieldValue.Of)), ValueOf(change.Before, field), ValueOf(change.After, field));
            }
        }
        catch (ServiceFailure refused) when (refused.ExitCode == ExitCode.NotAllowed)
        {
            // Whoever may import need not be allowed to read records. The plan is there all the same.
            terminal.WriteLine($"Values before and after are not shown. {refused.Message}");
            return;
        }

        terminal.WriteLine($"The largest changes, up to {MaxChangesShown} of each field:");
        terminal.Write(table);
        if (fields.Count > MaxFieldsShown) terminal.WriteLine($"… and those of {Amounts.Of(fields.Count - MaxFieldsShown, "more field")}.");
    }

    private async Task WriteRejectedAsync(CancellationToken cancellationToken)
    {
        if (_ledger.Rejected > 0 && await service.ListPlanRejectedAsync(plan.Plan.PlanId, ImportReport.MaxRowsShown, cancellationToken) is [_, ..] rows)
            ImportReport.WriteRows(rows, _ledger.Rejected, terminal);
    }

    private static string ValueOf(IReadOnlyDictionary<string, System.Text.Json.JsonElement>? values, PlannedField field) =>
        values is not null && values.TryGetValue(field.SystemName, out var value) ? FieldValue.Of(value) ?? "" : "";
}
