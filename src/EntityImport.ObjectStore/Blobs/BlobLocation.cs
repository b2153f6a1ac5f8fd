using System.Net;
using System.Text.RegularExpressions;
using EntityImport.ObjectStore.Objects;

namespace EntityImport.ObjectStore.Blobs;

/// <summary>A container of Azure Blob Storage.</summary>
internal sealed partial record BlobLocation
{
    /// <summary>The variable with the account's key.</summary>
    public const string KeyVariable = "AZURE_STORAGE_KEY";

    /// <summary>The variable with a shared access signature.</summary>
    public const string TokenVariable = "AZURE_STORAGE_SAS_TOKEN";

    /// <summary>Its address.</summary>
    public required Uri Container { get; init; }

    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>What keys begin with.</summary>
    public required string Prefix { get; init; }

    /// <summary>Reads <c>https://account.blob.core.windows.net/container/prefix</c>, or <c>http://127.0.0.1:10000/account/container/prefix</c>, where the host's name has no account.</summary>
    public static BlobLocation? Read(string text, List<string> faults)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            faults.Add("it is no address");
            return null;
        }

        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            faults.Add($"a signature or password does not belong into it: {KeyVariable} or {TokenVariable} has it, or the machine's identity is asked for");
        var parts = url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        // Names without a dot, and addresses, are hosts of emulators and appliances, which have the account in the path.
        var inPath = IPAddress.TryParse(url.Host.Trim('[', ']'), out _) || !url.Host.Contains('.', StringComparison.Ordinal);
        var account = inPath ? parts.FirstOrDefault("") : url.Host.Split('.')[0];
        var rest = inPath ? parts.Skip(1).ToList() : [.. parts];
        if (account.Length == 0 || rest.Count == 0 || !ContainerName().IsMatch(rest[0]))
        {
            faults.Add("it names no container: https://ACCOUNT.blob.core.windows.net/CONTAINER, with 3 to 63 small letters, digits and hyphens");
            return null;
        }

        var prefix = KeyPrefix.Read(rest.Skip(1), faults);
        return faults.Count > 0 ? null : new BlobLocation { Container = new Uri($"{url.GetLeftPart(UriPartial.Authority)}{(inPath ? $"/{account}" : "")}/{rest[0]}"), Account = account, Prefix = prefix };
    }

    [GeneratedRegex("^[a-z0-9](-?[a-z0-9]){2,62}$")]
    private static partial Regex ContainerName();
}
