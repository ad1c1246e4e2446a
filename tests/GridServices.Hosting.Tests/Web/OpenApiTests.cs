using System.Text.Json;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Web;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_document_says_what_is_on_the_wire()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        using var client = service.Client();
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        var root = document.RootElement;
        Assert.StartsWith("3.1.", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);

        var schemas = root.GetProperty("components").GetProperty("schemas");
        var members = schemas.GetProperty("Site").GetProperty("properties");
        Assert.Equal("date-time", members.GetProperty("at").GetProperty("format").GetString());
        Assert.StartsWith("^-?P", members.GetProperty("every").GetProperty("pattern").GetString(), StringComparison.Ordinal);
        Assert.Contains("evseGroup", schemas.GetProperty("TargetKind").GetProperty("enum").EnumerateArray().Select(value => value.GetString()));

        var site = root.GetProperty("paths").GetProperty("/v1/sites/{siteId}").GetProperty("get");
        Assert.True(site.GetProperty("security")[0].TryGetProperty("bearer", out _));
        Assert.Equal(
            "#/components/schemas/Problem",
            site.GetProperty("responses").GetProperty("401").GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
        Assert.True(schemas.TryGetProperty("Problem", out _));
        Assert.Equal(["publisher", "controller", "operator", "viewer", "enroller", "dispatcher", "analyst", "controllerVendor", "customer", "admin"], site.GetProperty("x-roles").EnumerateArray().Select(role => role.GetString()));
        Assert.False(root.GetProperty("paths").GetProperty("/v1/open").GetProperty("get").TryGetProperty("security", out var none) && none.GetArrayLength() > 0);
        Assert.Equal("http", root.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("type").GetString());
    }
}
