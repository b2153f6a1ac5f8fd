using System.CommandLine;
using System.Globalization;
using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;

namespace EntityImport.Cli;

/// <summary><c>eis keys create</c>: makes an API key. Before the first start of a server, it makes the data directory, too.</summary>
internal sealed class CreateKeyCommand : ICommand
{
    private readonly ServiceOptions _service = new(canMake: true);

    private readonly Argument<string> _name = new("NAME") { Description = "What the key is for: 1 to 100 characters." };

    private readonly Option<string[]> _scopes = new("--scope")
    {
        Description = "What its holder may do: read, import, admin, or one of them for one entity, like import:Product. May be given more than once.",
        HelpName = "SCOPE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<DateTimeOffset?> _expires = new("--expires")
    {
        Description = "From when on it lets nobody in: a date (UTC), or days from now, like 90d. Without it, never.",
        HelpName = "WHEN",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (text.EndsWith('d') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36_500) return DateTimeOffset.UtcNow.AddDays(days);
            if (DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
            result.AddError($"--expires takes a date like 2027-01-31, or days like 90d, not '{ShownText.Cut(text)}'.");
            return null;
        },
    };

    public string Examples => """
        Examples:
          eis keys create "first administrator" --scope admin --data /srv/eis
          eis keys create "nightly prices" --scope import:Price --expires 365d --server https://eis.example.com
        """;

    public Command Build()
    {
        var command = new Command("create", "Makes an API key and writes it to the standard output. It is kept as a hash alone, so this is the only time that it can be seen.") { _name, _scopes, _expires };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var made = await service.CreateKeyAsync(
            new NewApiKey { Name = arguments.GetRequiredValue(_name), Scopes = arguments.GetRequiredValue(_scopes), ExpiresDate = arguments.GetValue(_expires) }, cancellationToken);
        terminal.WriteLine(made.Key);
        terminal.WriteError($"Key {made.Details.KeyId} for {string.Join(", ", made.Details.Scopes)}. It is shown this once: keep it where nobody else reads it.");
        return ExitCode.Done;
    }
}

/// <summary><c>eis keys list</c>: the API keys there are.</summary>
internal sealed class ListKeysCommand : ICommand
{
    private readonly ServiceOptions _service = new();

    public string Examples => """
        Examples:
          eis keys list
          eis keys list --server https://eis.example.com --api-key-file ~/.config/eis/key
        """;

    public Command Build()
    {
        var command = new Command("list", "Lists the API keys, also those that are revoked or expired. The keys themselves are not kept.");
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var table = new TextTable("Key", "Starts with", "Name", "Scopes", "Created", "Last used", "State");
        foreach (var key in await service.ListKeysAsync(cancellationToken))
            table.Add(key.KeyId.ToString(), key.Start, key.Name, string.Join(' ', key.Scopes), Day(key.CreatedDate), key.LastUsedDate is { } used ? Day(used) : "never", StateOf(key));
        if (table.Rows.Count == 0) terminal.WriteLine("There are no API keys yet. eis keys create makes one.");
        else terminal.Write(table);
        return ExitCode.Done;
    }

    private static string StateOf(ApiKeyDetails key) => key switch
    {
        { RevokedDate: { } revoked } => $"revoked {Day(revoked)}",
        { ExpiresDate: { } expires } => expires <= DateTimeOffset.UtcNow ? $"expired {Day(expires)}" : $"until {Day(expires)}",
        _ => "good",
    };

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary><c>eis keys revoke</c>: ends an API key.</summary>
internal sealed class RevokeKeyCommand : ICommand
{
    private readonly ServiceOptions _service = new();

    private readonly Argument<Guid> _key = new("KEY-ID") { Description = "The key's id, as eis keys list shows it." };

    public string Examples => """
        Examples:
          eis keys revoke 01a21a5b-916c-764f-95b7-bbb11d1189af
        """;

    public Command Build()
    {
        var command = new Command("revoke", "Revokes an API key: it lets nobody in any longer.") { _key };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var id = arguments.GetRequiredValue(_key);
        if (!await service.RevokeKeyAsync(id, cancellationToken)) throw new CommandFailure($"There is no key {id}. eis keys list shows those there are.");
        terminal.WriteLine($"Key {id} lets nobody in any longer.");
        return ExitCode.Done;
    }
}

/// <summary><c>eis keys sign-in</c>: makes a link by which somebody signs in with a browser.</summary>
internal sealed class SignInLinkCommand : ICommand
{
    private readonly ServiceOptions _service = new(canMake: true);

    private readonly Option<string> _name = new("--name")
    {
        Description = "Whom the link is for: 1 to 100 characters. It is who the audit trail and imports say that it was. Default: the user of this terminal.",
        HelpName = "NAME",
        DefaultValueFactory = _ => Environment.UserName,
    };

    private readonly Option<string[]> _scopes = new("--scope")
    {
        Description = "What whoever signs in by it may do: read, import, admin, or one of them for one entity, like import:Product. May be given more than once. Default: admin.",
        HelpName = "SCOPE",
        DefaultValueFactory = _ => ["admin"],
        AllowMultipleArgumentsPerToken = true,
    };

    public string Examples => """
        Examples:
          eis keys sign-in --data /srv/eis
          eis keys sign-in --name Anna --scope import --scope read:Product --server https://eis.example.com
        """;

    public Command Build()
    {
        var command = new Command("sign-in", "Makes a link by which somebody signs in with a browser, and writes it to the standard output. It works once, within 10 minutes.") { _name, _scopes };
        _service.AddTo(command);
        return command;
    }

    public async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var service = await _service.OpenAsync(arguments, terminal, cancellationToken);
        var made = await service.CreateSignInLinkAsync(new NewSignInLink { Name = arguments.GetRequiredValue(_name), Scopes = arguments.GetRequiredValue(_scopes) }, cancellationToken);
        terminal.WriteLine(made.Link);
        terminal.WriteError($"For {made.Details.Name}, who may do {string.Join(", ", made.Details.Scopes)}. It works once, within 10 minutes, with the service at that address.");
        return ExitCode.Done;
    }
}
