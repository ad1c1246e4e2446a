using System.Net;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>Roles of people in the tokens file, and what follows from a permission.</summary>
public sealed class RoleTests
{
    [Fact]
    public void Every_role_is_written_and_read_by_its_word_and_some_need_sites()
    {
        var folder = TestFolders.Create();
        var file = Path.Combine(folder, "tokens.json");
        TokenFile.Write(file, [.. Enum.GetValues<Role>().Select(role => TokenEntry.For("t", role.ToString(), role, sites: ["site-1"]))]);
        Assert.Equal(Enum.GetValues<Role>(), TokenFile.Read(file).Select(token => token.Role));
        Assert.Contains("\"role\": \"controllerVendor\"", File.ReadAllText(file), StringComparison.Ordinal);
        foreach (var role in Enum.GetValues<Role>())
        {
            TokenFile.Write(file, [TokenEntry.For("t", "everywhere", role)]);
            if (role is Role.ControllerVendor or Role.Customer)
            {
                Assert.Contains("'everywhere' of role " + (role == Role.Customer ? "customer" : "controllerVendor") + " needs sites", Assert.Throws<StartException>(() => TokenFile.Read(file)).Message, StringComparison.Ordinal);
            }
            else
            {
                Assert.Null(Assert.Single(TokenFile.Read(file)).Sites);
            }
        }

        TestFolders.Remove(folder);
    }

    [Fact]
    public void An_operator_and_an_admin_have_every_permission_and_no_machine_has_one_of_people()
    {
        foreach (var permission in Enum.GetValues<Permission>())
        {
            var required = new RequiredRoles(Permissions.GetRoles(permission));
            Assert.True(required.Admits(Role.Operator) && required.Admits(Role.Admin));
            Assert.Equal(permission == Permission.Publish, required.Admits(Role.Publisher));
            Assert.Equal(permission == Permission.Control, required.Admits(Role.Controller));
        }

        Assert.Equal([Role.Operator, Role.Admin], new RequiredRoles(Permissions.GetRoles(Permission.Administer)).Admitted);
        Assert.Equal([Role.Operator, Role.Dispatcher, Role.Admin], new RequiredRoles(Permissions.GetRoles(Permission.Opt)).Admitted);
    }

    [Fact]
    public async Task A_refusal_names_the_roles_that_suffice()
    {
        await using var service = await ServiceApp.StartAsync(SampleApp.Build);
        var vendor = await service.AddTokenAsync("acme", Role.ControllerVendor, sites: ["site-1"]);
        var admin = await service.AddTokenAsync("root", Role.Admin);
        using var client = service.Client(vendor);
        using var refused = await client.PostAsync("/v1/publish", null);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Token 'acme' has role controllerVendor; this needs publisher or operator or admin.", (await refused.Content.ReadAsStringAsync()).Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        using var other = service.Client(admin);
        using var passed = await other.PostAsync("/v1/publish", null);
        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
    }
}
