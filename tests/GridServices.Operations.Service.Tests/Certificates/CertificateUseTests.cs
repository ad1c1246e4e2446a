using System.Net;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Tests.Pages;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Certificates;

public sealed class CertificateUseTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_certificate_names_who_uses_it_also_of_enrollments_made_before_and_is_removed_with_its_key_once_nobody_does(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        string certificate, key, first, second;
        await using (var before = await OperationsUnderTest.StartAsync(store))
        {
            await before.SiteAsync(await before.CustomerAsync());
            var made = (await before.PostAsync("/v1/certificates", """{ "kind": "openadr-ec", "subject": "CN=site-1" }"""))["certificate"]!;
            (certificate, key) = ((string)made["id"]!, (string)made["keyRef"]!);
            first = await EnrollAsync(before, "2027-01-01", certificate);
            await UndoMigrationAsync(before);
        }

        await using var service = await OperationsUnderTest.StartAsync(store);
        second = await EnrollAsync(service, "2028-01-01", certificate);
        var told = (await service.GetAsync($"/v1/certificates/{certificate}"))["certificate"]!;
        Assert.Equal(new[] { first, second }.Order(StringComparer.Ordinal), told["usedBy"]!.AsArray().Select(id => (string)id!));
        Assert.Equal((2, "site-1"), ((int)told["useCount"]!, (string)Assert.Single(told["venKeys"]!.AsArray())!));
        Assert.Equal(2, (int)(await service.GetAsync("/v1/certificates"))["items"]![0]!["useCount"]!);
        Assert.Equal(2, (await service.GetAsync($"/v1/enrollments?filter=certificateId:{certificate}"))["items"]!.AsArray().Count);

        using var admin = await Visitor.SignedInAsync(service, UserRole.Admin);
        Assert.Contains($"/enrollments/{first}", await admin.HtmlAsync("/certificates"), StringComparison.Ordinal);
        var refused = await service.SendAsync(HttpMethod.Delete, $"/v1/certificates/{certificate}", null, HttpStatusCode.Conflict);
        Assert.Contains($"{first} (OPENADR-PLAIN of site site-1)", (string)refused["detail"]!, StringComparison.Ordinal);

        await service.PostAsync($"/v1/enrollments/{first}/withdraw", """{ "reason": "the site is sold" }""", HttpStatusCode.OK);
        await service.SendAsync(HttpMethod.Patch, $"/v1/enrollments/{second}", """{ "identity": { "certificateId": null } }""", HttpStatusCode.OK, type: "application/merge-patch+json");
        Assert.Equal(0, (int)(await service.GetAsync($"/v1/certificates/{certificate}"))["certificate"]!["useCount"]!);
        Assert.True(File.Exists(key));
        await service.SendAsync(HttpMethod.Delete, $"/v1/certificates/{certificate}", null, HttpStatusCode.NoContent);
        Assert.False(File.Exists(key));
        await service.GetAsync($"/v1/certificates/{certificate}", HttpStatusCode.NotFound);
    }

    private static async Task<string> EnrollAsync(OperationsUnderTest service, string from, string certificate) => (string)(await service.PostAsync(
        "/v1/enrollments", $$"""{ "siteId": "site-1", "program": "OPENADR-PLAIN", "period": { "from": "{{from}}" }, "identity": { "certificateId": "{{certificate}}" } }"""))["id"]!;

    /// <summary>The store as it was before it knew what an enrollment identifies itself by.</summary>
    private static Task<int> UndoMigrationAsync(OperationsUnderTest service) => service.Service.App.Services.GetRequiredService<Store>().WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "DROP INDEX enrollments_by_certificate; ALTER TABLE enrollments DROP COLUMN certificate_id; DELETE FROM schema_version WHERE id LIKE '%0307_certificate_uses'", transaction: tx),
        Ct);
}
