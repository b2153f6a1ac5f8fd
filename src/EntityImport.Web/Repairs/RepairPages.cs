using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Web.Calls;
using EntityImport.Web.Plans;
using EntityImport.Web.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EntityImport.Web.Repairs;

/// <summary>The rows that an import rejected: why, what would make them good, each of them as it is by now, and how they go in.</summary>
internal static class RepairPages
{
    /// <summary>Rows that the page lists where no script does.</summary>
    internal const int Rows = 50;

    /// <summary>Rows of a file up to which cures are measured before the page is answered. Over more of them that takes longer than somebody who looks at the rows should wait.</summary>
    private const long MeasuredAtOnce = 50_000;

    /// <summary>Rejected rows up to which they are counted before the page is answered, likewise.</summary>
    private const long CountedAtOnce = 20_000;

    /// <summary>Repairs of an import that the page tells of.</summary>
    private const int MostRepairs = 50;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.Page("GET", "/imports/{importId}/repair", ShowAsync);
        pages.Page("POST", "/imports/{importId}/repair/cures", async page =>
        {
            var form = await page.ReadFormAsync();
            var chosen = new ChosenCure(form["cause"].ToString(), Read(form["cure"].ToString()));
            if (chosen.Cure.Entity is { } widened) await WidenAsync(page, form["field"].ToString(), widened);
            else await ChooseAsync(page, chosen, isTakenBack: form["do"] == "back");
            await page.GoAsync(Address.Of($"/imports/{page.Segment("importId")}/repair", ("cause", chosen.Cause)));
        });
        pages.Page("POST", "/imports/{importId}/repair/rows/{row}", async page =>
        {
            var form = await page.ReadFormAsync();
            await ChangeRowAsync(page, form);
            await page.GoAsync(Address.Of($"/imports/{page.Segment("importId")}/repair", ("cause", form["cause"].ToString()), ("all", form["all"].ToString()), ("at", form["at"].ToString())) + "#row");
        });
        pages.Page("POST", "/imports/{importId}/repair/merge", async page =>
        {
            page.LiftLimits();
            var path = $"/imports/{page.Segment("importId")}/repair";
            await page.GoAsync(MergedFile.Address(path, await page.Api.ForwardAsync<RepairMerged>($"/v1/EntityImport{path}/merge")));
        });
        pages.Page("POST", "/imports/{importId}/repair/plan", async page =>
        {
            var form = await page.ReadFormAsync();
            var planned = await page.Api.DoAsync<RepairPlanned>(
                HttpMethods.Post, $"/v1/EntityImport/imports/{page.Segment("importId")}/repair/plan", new RepairPlanning { Overwrite = form["overwrite"] == "true" ? true : null }, PlanPages.Key(form));
            await page.GoAsync($"/plans/{planned.PlanId}");
        });
    }

    /// <summary>A cure as a form of these pages has it; one that says nothing, which the API refuses, where it was written elsewhere.</summary>
    private static Cure Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Cure>(json, ApiJson.Options) ?? new Cure();
        }
        catch (JsonException)
        {
            return new Cure();
        }
    }

    private static async Task ShowAsync(Page page)
    {
        var calls = $"/v1/EntityImport/imports/{page.Segment("importId")}";
        var import = await page.Api.GetAsync<ImportDetails>(calls);
        var parameters = new Dictionary<string, object?> { [nameof(RepairScreen.Import)] = import };
        if (import.StopDate is null) parameters[nameof(RepairScreen.Causes)] = await page.Api.GetAsync<RejectionCauses>($"{calls}/causes");
        else if (import.Ledger.Rejected > 0)
        {
            try
            {
                await ReadAsync(page, calls, import, parameters);
            }
            catch (ApiRefusedException refused) when (refused.Problem.Status is 404 or 409 or 410)
            {
                parameters[nameof(RepairScreen.Problem)] = refused.Problem;
            }
        }

        await page.ShowAsync<RepairScreen>(parameters);
    }

    private static async Task ReadAsync(Page page, string calls, ImportDetails import, Dictionary<string, object?> parameters)
    {
        var repair = await page.Api.GetAsync<Repair>(Address.Of($"{calls}/repair", ("counts", import.Ledger.Rejected > CountedAtOnce && page.Query("counted") is null ? "false" : null)));
        var causes = await page.Api.GetAsync<RejectionCauses>($"{calls}/causes");
        var cause = page.Query("all") is not null ? null : page.Query("cause") ?? (causes.Causes.Count > 0 ? causes.Causes[0].Cause : null);
        var at = long.TryParse(page.Query("at"), NumberStyles.None, CultureInfo.InvariantCulture, out var stated) ? stated : -1;
        var offset = at >= 0 ? at / Rows * Rows : long.TryParse(page.Query("offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var first) ? first : 0;
        var errors = await page.Api.GetAsync<ErrorPage>(Address.Of($"{calls}/errors", ("limit", $"{Rows}"), ("offset", $"{offset}"), ("cause", cause)));
        parameters[nameof(RepairScreen.Repair)] = repair;
        parameters[nameof(RepairScreen.Merged)] = MergedFile.Read(page);
        parameters[nameof(RepairScreen.Causes)] = causes;
        parameters[nameof(RepairScreen.Cause)] = cause;
        parameters[nameof(RepairScreen.Errors)] = errors;
        parameters[nameof(RepairScreen.Offset)] = offset;
        parameters[nameof(RepairScreen.At)] = at - offset < errors.Errors.Count ? at : -1;
        if (errors.Errors.Count > 0)
            parameters[nameof(RepairScreen.Checked)] = (await page.Api.AskAsync<CheckedRows>($"{calls}/repair/check", new RepairCheck { Rows = [.. errors.Errors.Select(row => row.Row)] })).Rows;
        var isMeasuredLater = repair.Records > MeasuredAtOnce && page.Query("measure") is null && page.Query("more") is null;
        parameters[nameof(RepairScreen.IsMeasuredLater)] = isMeasuredLater;
        if (cause is not null && !isMeasuredLater) await MeasureAsync(page, calls, cause, repair, parameters);
        var repairs = new List<ImportDetails>();
        foreach (var id in repair.RepairedBy.Take(MostRepairs)) repairs.Add(await page.Api.GetAsync<ImportDetails>($"/v1/EntityImport/imports/{id}"));
        parameters[nameof(RepairScreen.Repairs)] = repairs;
    }

    /// <summary>Measures the cures that were chosen for a cause; where none was, or others are asked for, those that there are.</summary>
    private static async Task MeasureAsync(Page page, string calls, string cause, Repair repair, Dictionary<string, object?> parameters)
    {
        try
        {
            var chosen = new List<MeasuredCure>();
            foreach (var own in repair.Cures.Where(own => own.Cause == cause))
                chosen.AddRange((await page.Api.AskAsync<CureReport>($"{calls}/cures", new CureRequest { Cause = cause, Cure = own.Cure })).Cures);
            parameters[nameof(RepairScreen.Chosen)] = chosen;
            if (chosen.Count == 0 || page.Query("more") is not null) parameters[nameof(RepairScreen.Report)] = await page.Api.AskAsync<CureReport>($"{calls}/cures", new CureRequest { Cause = cause });
        }
        catch (ApiRefusedException refused) when (refused.Problem.Status is 403 or 409 or 503)
        {
            parameters[nameof(RepairScreen.NotMeasured)] = refused.Problem;
        }
    }

    /// <summary>Adds a cure to those that were chosen, or takes it out. Somebody else may change the repair at the same time: then it is done on what it is by then.</summary>
    private static async Task ChooseAsync(Page page, ChosenCure chosen, bool isTakenBack)
    {
        var address = $"/v1/EntityImport/imports/{page.Segment("importId")}/repair";
        for (var tries = 1; ; tries++)
        {
            var repair = await page.Api.DoAsync<Repair>(HttpMethods.Get, $"{address}?counts=false");
            var others = repair.Cures.Where(other => other.Cause != chosen.Cause || Text(other.Cure) != Text(chosen.Cure));
            try
            {
                await page.Api.DoAsync<RepairChanged>(HttpMethods.Patch, address, new RepairChange { Cures = isTakenBack ? [.. others] : [.. others, chosen] }, version: repair.Version);
                return;
            }
            catch (ApiRefusedException refused) when (refused.Is("repair-changed") && tries < 5)
            {
                // It is read again.
            }
        }

        static string Text(Cure cure) => JsonSerializer.Serialize(cure, ApiJson.Requests);
    }

    /// <summary>Carries out a cure that is the entity's.</summary>
    private static async Task WidenAsync(Page page, string field, JsonElement change)
    {
        var import = await page.Api.DoAsync<ImportDetails>(HttpMethods.Get, $"/v1/EntityImport/imports/{page.Segment("importId")}");
        var address = $"/v1/LogicalEntity/{Uri.EscapeDataString(import.EntitySystemName)}";
        var entity = await page.Api.DoAsync<Entity>(HttpMethods.Get, address);
        var fields = entity.Fields.Select(known => !known.SystemName.Equals(field, StringComparison.OrdinalIgnoreCase) ? known
            : known with { Length = Member("length") ?? known.Length, Precision = Member("precision") ?? known.Precision, Scale = Member("scale") ?? known.Scale });
        await page.Api.DoAsync<Entity>(HttpMethods.Put, address, new EntityDeclaration { DisplayName = entity.DisplayName, Fields = [.. fields], KeepBefore = entity.KeepBefore });

        int? Member(string name) => change.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;
    }

    /// <summary>Changes a row as its form says: fields whose text is another one than the form was made with, where the row is still as it was then, beside those that were edited before.</summary>
    private static async Task ChangeRowAsync(Page page, IFormCollection form)
    {
        var address = $"/v1/EntityImport/imports/{page.Segment("importId")}/repair";
        var row = long.TryParse(page.Route("row"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        long? version = long.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : null;
        // Somebody may have changed other rows since the form was shown, which is no reason to refuse what is said of this one.
        for (var tries = 1; ; tries++)
        {
            var now = (await page.Api.DoAsync<Repair>(HttpMethods.Get, $"{address}?counts=false")).Version;
            var known = (await page.Api.DoAsync<CheckedRows>(HttpMethods.Post, $"{address}/check", new RepairCheck { Rows = [row] })).Rows[0];
            var isAsSeen = Told(known) == form["seen"];
            try
            {
                await page.Api.DoAsync<RepairChanged>(HttpMethods.Patch, address, Change(form, row, known), version: isAsSeen ? now : version);
                return;
            }
            catch (ApiRefusedException refused) when (isAsSeen && tries < 5 && refused.Problem.Status == StatusCodes.Status412PreconditionFailed)
            {
                // Somebody was quicker.
            }
        }
    }

    /// <summary>A row as a form remembers it: its edit, and its texts, which cures make, too. What the form shows of them is no edit of who sends it.</summary>
    internal static string Told(CheckedRow row) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { row.Edit, row.Fields }, ApiJson.Options)));

    private static RepairChange Change(IFormCollection form, long row, CheckedRow known)
    {
        return form["do"].ToString() switch
        {
            "drop" => new RepairChange { Drops = [row] },
            "restore" => new RepairChange { Restores = [row] },
            "reset" => new RepairChange { Edits = [new RowEdit(row, null)] },
            _ => new RepairChange { Edits = [new RowEdit(row, null) { Columns = ReadColumns() }] },
        };

        Dictionary<string, string>? ReadColumns()
        {
            var columns = known.Edit?.Columns is { } edited ? new Dictionary<string, string>(edited) : [];
            foreach (var (name, text) in form)
            {
                if (name is not ['c', .. var digits] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var column)) continue;
                var said = RowTexts.AsForms(text.ToString());
                if (known.Fields is not { } before || column < 1 || column > before.Count || RowTexts.AsForms(before[column - 1]) != said) columns[digits] = said;
            }

            return columns.Count == 0 ? null : columns;
        }
    }
}
