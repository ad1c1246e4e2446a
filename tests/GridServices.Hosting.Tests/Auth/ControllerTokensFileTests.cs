using System.Net;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>The second tokens file gives controllers of named sites, and can give nothing more.</summary>
public sealed class ControllerTokensFileTests
{
    [Fact]
    public async Task Only_controllers_of_named_sites_are_taken_from_it_and_a_broken_file_changes_nothing()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        var file = Path.Combine(place.Folder, "controllers.json");
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args), place, $"--Auth:ControllerTokensFile={file}");
        var tokens = service.App.Services.GetRequiredService<TokenDirectory>();
        TokenFile.Write(file, [TokenEntry.For("first", "c1", Role.Controller, sites: ["s1"])]);
        await Until.HoldsAsync(() => tokens.Find("first") is { Caller.Role: Role.Controller });

        TokenFile.Write(file, [TokenEntry.For("second", "c2", Role.Controller, sites: ["s1"]), TokenEntry.For("thief", "c3", Role.Operator)]);
        await service.AddTokenAsync("later", Role.Viewer);
        Assert.Null(tokens.Find("thief"));
        Assert.Null(tokens.Find("second"));
        Assert.NotNull(tokens.Find("first"));

        TokenFile.Write(file, [TokenEntry.For("everywhere", "c4", Role.Controller)]);
        await service.AddTokenAsync("latest", Role.Viewer);
        Assert.Null(tokens.Find("everywhere"));

        File.Delete(file);
        await Until.HoldsAsync(() => tokens.Find("first") is null);
        using var stranger = service.Client("first");
        using var answer = await stranger.GetAsync("/v1/whoami", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public void A_token_of_the_file_can_t_have_the_name_of_an_access_token()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "tokens.json");
        TokenFile.Write(file, [TokenEntry.For("t", "oauth:someone", Role.Controller, sites: ["s1"])]);
        Assert.Contains("'oauth:someone' is no id of a token", Assert.Throws<StartException>(() => new WatchedTokenFile(file, controllersOnly: false).Read()).Message, StringComparison.Ordinal);
        Assert.True(new WatchedTokenFile(file, controllersOnly: true).Read()); // a site's name must not shut out other sites
        TestFolders.Remove(folder);
    }
}
