using System.Xml.Linq;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Protection;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Keeps the framework's keys of cookies and form tokens in the store, encrypted: a restart or another node signs nobody out.</summary>
internal sealed class CookieKeys(Store store, ColumnProtector protector) : IXmlRepository
{
    // The framework asks without awaiting, at start and once a day.
    public IReadOnlyCollection<XElement> GetAllElements() => store.ReadAsync<IReadOnlyCollection<XElement>>(
        async db => [.. (await db.QueryAsync<(string Name, string Value)>("SELECT name, value FROM cookie_keys"))
            .Select(row => Read(protector.Open(row.Value, GetPlace(row.Name))!))]).GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
        "INSERT INTO cookie_keys (name, value) VALUES (@friendlyName, @value)",
        new { friendlyName, value = protector.Seal(element.ToString(SaveOptions.DisableFormatting), GetPlace(friendlyName)) },
        tx)).GetAwaiter().GetResult();

    private static ColumnPlace GetPlace(string name) => new("cookie_keys", "-", name, "value");

    private static XElement Read(string text)
    {
        using var reader = new StringReader(text);
        return XDocument.Load(reader).Root!;
    }
}
