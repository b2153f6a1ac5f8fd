using System.Xml.Linq;
using EntityImport.Server.Hosting;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace EntityImport.Server.Access.SignIn;

/// <summary>The keys that cookies are encrypted with, in the store. They are read at the start, and then about once a day; ASP.NET Core asks for them without waiting for anybody.</summary>
internal sealed class StoredKeys(EngineHost host) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Task.Run(() => host.Engine.ProtectionKeys.ListAsync(CancellationToken.None)).GetAwaiter().GetResult().Select(key => XElement.Parse(key.Xml))];

    public void StoreElement(XElement element, string friendlyName) =>
        Task.Run(() => host.Engine.ProtectionKeys.AddAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting), CancellationToken.None)).GetAwaiter().GetResult();
}
