using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;

namespace GridServices.Operations.Tests.Access;

public sealed class AccessRulesTests
{
    private static readonly AccessSettings Settings = new();
    private static readonly AccessTarget Site1 = new() { CustomerId = "c1", SiteId = "site-1", Tags = ["north", "dc"] };
    private static readonly AccessScope OfSite1 = new() { Sites = ["site-1"] };

    /// <summary>Section 10, row by row: viewer, enroller, dispatcher, analyst, controllerVendor, customer, admin. x = tenant, o = named, i = named if allowed.</summary>
    [Theory]
    [InlineData(UserPermission.SeeSites, "xxxxoox")]
    [InlineData(UserPermission.EditSites, "-x----x")]
    [InlineData(UserPermission.Opt, "--x--ix")]
    [InlineData(UserPermission.SeeBills, "---x-ox")]
    [InlineData(UserPermission.RunBilling, "---x--x")]
    [InlineData(UserPermission.ControllerTokens, "----o-x")]
    [InlineData(UserPermission.Administer, "------x")]
    [InlineData(UserPermission.SeeRecords, "--x-o-x")]
    [InlineData(UserPermission.SeePersonalData, "-xxx-ox")]
    public void The_table_is_the_one_of_the_specification(UserPermission permission, string row)
    {
        var marks = Enum.GetValues<UserRole>().Select(r => UserRoles.GetReach(r, permission) switch { Reach.Tenant => 'x', Reach.Named => 'o', Reach.NamedIfAllowed => 'i', _ => '-' });
        Assert.Equal(row, string.Concat(marks));
    }

    [Fact]
    public void Every_permission_has_its_row_and_the_administrator_has_all() =>
        Assert.All(Enum.GetValues<UserPermission>(), p => Assert.True(AccessRules.Allows(UserRole.Admin, p, AccessScope.Empty, AccessTarget.Tenant, Settings)));

    [Fact]
    public void Today_s_operator_is_an_administrator_and_a_publisher_is_nobody_here()
    {
        Assert.True(UserRoles.TryParse("operator", out var role));
        Assert.Equal(UserRole.Admin, role);
        Assert.True(UserRoles.TryParse("controllerVendor", out role));
        Assert.Equal(UserRole.ControllerVendor, role);
        Assert.False(UserRoles.TryParse("publisher", out _));
        Assert.False(UserRoles.TryParse("Admin", out _));
    }

    [Fact]
    public void A_viewer_can_not_opt_out() => Assert.False(AccessRules.Allows(UserRole.Viewer, UserPermission.Opt, AccessScope.Empty, Site1, Settings));

    [Theory]
    [InlineData(UserRole.ControllerVendor, UserPermission.ControllerTokens)]
    [InlineData(UserRole.ControllerVendor, UserPermission.SeeSites)]
    [InlineData(UserRole.Customer, UserPermission.SeeBills)]
    public void Own_sites_are_those_that_are_named_and_none_where_none_is(UserRole role, UserPermission permission)
    {
        Assert.True(AccessRules.Allows(role, permission, OfSite1, Site1, Settings));
        Assert.False(AccessRules.Allows(role, permission, OfSite1, Site1 with { SiteId = "site-2" }, Settings));
        Assert.False(AccessRules.Allows(role, permission, AccessScope.Empty, Site1, Settings));
        Assert.False(AccessRules.Allows(role, permission, OfSite1, AccessTarget.Tenant, Settings));
    }

    [Fact]
    public void A_customer_opts_only_where_the_tenant_allows_it()
    {
        var own = new AccessScope { Customers = ["c1"] };
        Assert.False(AccessRules.Allows(UserRole.Customer, UserPermission.Opt, own, Site1, Settings));
        Assert.True(AccessRules.Allows(UserRole.Customer, UserPermission.Opt, own, Site1, new AccessSettings { CustomersMayOpt = true }));
    }

    [Fact]
    public void Kinds_of_a_scope_narrow_one_another()
    {
        var scope = new AccessScope { Customers = ["c1"], Tags = ["south", "north"] };
        Assert.True(scope.Contains(Site1));
        Assert.False(scope.Contains(Site1 with { Tags = ["dc"] }));
        Assert.False(scope.Contains(Site1 with { CustomerId = "c2" }));
        Assert.False(scope.Contains(Site1 with { CustomerId = null }));
    }

    [Fact]
    public void A_dispatcher_of_one_customer_does_not_act_on_the_tenant_or_another()
    {
        AccessGrant[] grants = [new(UserRole.Viewer), new(UserRole.Dispatcher, new AccessScope { Customers = ["c1"] })];
        Assert.True(AccessRules.Allows(grants, UserPermission.SeeSites, Site1 with { CustomerId = "c9" }, Settings));
        Assert.True(AccessRules.Allows(grants, UserPermission.Opt, Site1, Settings));
        Assert.False(AccessRules.Allows(grants, UserPermission.Opt, Site1 with { CustomerId = "c9" }, Settings));
        Assert.False(AccessRules.Allows(grants, UserPermission.Opt, AccessTarget.Tenant, Settings));
        Assert.True(AccessRules.AllowsAnywhere(grants, UserPermission.Opt, Settings));
        Assert.False(AccessRules.AllowsAnywhere(grants, UserPermission.Administer, Settings));
    }

    [Fact]
    public void The_filter_of_a_list_shows_exactly_what_is_allowed() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte, byte, byte, byte)>(), drawn =>
        {
            AccessGrant[] grants = [Grant(drawn.Item1), Grant(drawn.Item2)];
            var target = new AccessTarget { CustomerId = "c" + drawn.Item3 % 3, SiteId = "s" + drawn.Item3 % 5, Tags = drawn.Item4 % 2 == 0 ? ["t0"] : [] };
            var permission = (UserPermission)(drawn.Item4 % Enum.GetValues<UserPermission>().Length);
            return AccessRules.Filter(grants, permission, Settings).Shows(target) == AccessRules.Allows(grants, permission, target, Settings);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_without_a_grant_may_do_or_see_anything()
    {
        Assert.False(AccessRules.Allows([], UserPermission.SeeSites, Site1, Settings));
        Assert.True(AccessRules.Filter([], UserPermission.SeeSites, Settings).IsNothing);
        Assert.False(SiteFilter.Nothing.Shows(Site1));
    }

    [Theory]
    [InlineData(GuardedAction.OptOut, "Dispatcher,Admin")]
    [InlineData(GuardedAction.EndEnrollment, "Enroller,Admin")]
    [InlineData(GuardedAction.ReplaceHeldTariff, "Analyst,Admin")]
    public void A_second_person_is_one_who_may_do_it_too(GuardedAction action, string roles) =>
        Assert.Equal(roles, string.Join(',', Enum.GetValues<UserRole>().Where(r => AccessRules.Allows(r, AccessRules.PermissionFor(action), AccessScope.Empty, Site1, Settings))));

    private static AccessGrant Grant(byte drawn) => new((UserRole)(drawn % 7), (drawn / 7 % 4) switch
    {
        0 => AccessScope.Empty,
        1 => new AccessScope { Customers = ["c" + drawn % 3] },
        2 => new AccessScope { Sites = ["s" + drawn % 5] },
        _ => new AccessScope { Customers = ["c" + drawn % 3], Tags = ["t0"] },
    });
}
