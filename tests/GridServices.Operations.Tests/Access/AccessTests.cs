using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace GridServices.Operations.Tests.Access;

using Access = GridServices.Operations.Access;

public sealed class AccessTests
{
    private static readonly AccessSettings Settings = new();
    private static readonly AccessTarget Site1 = new() { CustomerId = "c1", SiteId = "site-1", Tags = ["north", "dc"] };
    private static readonly AccessScope OfSite1 = new() { Sites = ["site-1"] };

    /// <summary>Section 10, row by row: viewer, enroller, dispatcher, analyst, controllerVendor, customer, admin. x = tenant, o = named, i = named if allowed.</summary>
    [Theory]
    [InlineData(Permission.SeeSites, "xxxxoox")]
    [InlineData(Permission.EditSites, "-x----x")]
    [InlineData(Permission.Opt, "--x--ix")]
    [InlineData(Permission.SeeBills, "---x-ox")]
    [InlineData(Permission.RunBilling, "---x--x")]
    [InlineData(Permission.ControllerTokens, "----o-x")]
    [InlineData(Permission.Administer, "------x")]
    [InlineData(Permission.SeeRecords, "--x-o-x")]
    [InlineData(Permission.SeePersonalData, "-xxx-ox")]
    public void The_table_is_the_one_of_the_specification(Permission permission, string row)
    {
        var marks = Enum.GetValues<Role>().Select(r => Roles.ReachOf(r, permission) switch { Reach.Tenant => 'x', Reach.Named => 'o', Reach.NamedIfAllowed => 'i', _ => '-' });
        Assert.Equal(row, string.Concat(marks));
    }

    [Fact]
    public void Every_permission_has_its_row_and_the_administrator_has_all() =>
        Assert.All(Enum.GetValues<Permission>(), p => Assert.True(Access.Allows(Role.Admin, p, AccessScope.Empty, AccessTarget.Tenant, Settings)));

    [Fact]
    public void Today_s_operator_is_an_administrator_and_a_publisher_is_nobody_here()
    {
        Assert.True(Roles.TryParse("operator", out var role));
        Assert.Equal(Role.Admin, role);
        Assert.True(Roles.TryParse("controllerVendor", out role));
        Assert.Equal(Role.ControllerVendor, role);
        Assert.False(Roles.TryParse("publisher", out _));
        Assert.False(Roles.TryParse("Admin", out _));
    }

    [Fact]
    public void A_viewer_can_not_opt_out() => Assert.False(Access.Allows(Role.Viewer, Permission.Opt, AccessScope.Empty, Site1, Settings));

    [Theory]
    [InlineData(Role.ControllerVendor, Permission.ControllerTokens)]
    [InlineData(Role.ControllerVendor, Permission.SeeSites)]
    [InlineData(Role.Customer, Permission.SeeBills)]
    public void Own_sites_are_those_that_are_named_and_none_where_none_is(Role role, Permission permission)
    {
        Assert.True(Access.Allows(role, permission, OfSite1, Site1, Settings));
        Assert.False(Access.Allows(role, permission, OfSite1, Site1 with { SiteId = "site-2" }, Settings));
        Assert.False(Access.Allows(role, permission, AccessScope.Empty, Site1, Settings));
        Assert.False(Access.Allows(role, permission, OfSite1, AccessTarget.Tenant, Settings));
    }

    [Fact]
    public void A_customer_opts_only_where_the_tenant_allows_it()
    {
        var own = new AccessScope { Customers = ["c1"] };
        Assert.False(Access.Allows(Role.Customer, Permission.Opt, own, Site1, Settings));
        Assert.True(Access.Allows(Role.Customer, Permission.Opt, own, Site1, new AccessSettings { CustomersMayOpt = true }));
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
        AccessGrant[] grants = [new(Role.Viewer), new(Role.Dispatcher, new AccessScope { Customers = ["c1"] })];
        Assert.True(Access.Allows(grants, Permission.SeeSites, Site1 with { CustomerId = "c9" }, Settings));
        Assert.True(Access.Allows(grants, Permission.Opt, Site1, Settings));
        Assert.False(Access.Allows(grants, Permission.Opt, Site1 with { CustomerId = "c9" }, Settings));
        Assert.False(Access.Allows(grants, Permission.Opt, AccessTarget.Tenant, Settings));
        Assert.True(Access.AllowsAnywhere(grants, Permission.Opt, Settings));
        Assert.False(Access.AllowsAnywhere(grants, Permission.Administer, Settings));
    }

    [Fact]
    public void The_filter_of_a_list_shows_exactly_what_is_allowed() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte, byte, byte, byte)>(), drawn =>
        {
            AccessGrant[] grants = [Grant(drawn.Item1), Grant(drawn.Item2)];
            var target = new AccessTarget { CustomerId = "c" + drawn.Item3 % 3, SiteId = "s" + drawn.Item3 % 5, Tags = drawn.Item4 % 2 == 0 ? ["t0"] : [] };
            var permission = (Permission)(drawn.Item4 % Enum.GetValues<Permission>().Length);
            return Access.Filter(grants, permission, Settings).Shows(target) == Access.Allows(grants, permission, target, Settings);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_without_a_grant_may_do_or_see_anything()
    {
        Assert.False(Access.Allows([], Permission.SeeSites, Site1, Settings));
        Assert.True(Access.Filter([], Permission.SeeSites, Settings).IsNothing);
        Assert.False(SiteFilter.Nothing.Shows(Site1));
    }

    [Theory]
    [InlineData(true, GuardedAction.OptOut, 10, false)]
    [InlineData(true, GuardedAction.OptOut, 11, true)]
    [InlineData(true, GuardedAction.EndEnrollment, 1, true)]
    [InlineData(true, GuardedAction.ReplaceHeldTariff, 0, true)]
    [InlineData(false, GuardedAction.OptOut, 500, false)]
    public void A_second_person_is_needed_where_the_rule_says_so(bool enabled, GuardedAction action, int sites, bool needed) =>
        Assert.Equal(needed, new TwoPersonRule { Enabled = enabled }.NeedsApproval(action, sites));

    [Theory]
    [InlineData("Ann ", true, "h", 1, ApprovalVerdict.SamePerson)]
    [InlineData("bob", false, "h", 1, ApprovalVerdict.NotAllowed)]
    [InlineData("bob", true, "other", 1, ApprovalVerdict.ContentChanged)]
    [InlineData("bob", true, "h", 24, ApprovalVerdict.Expired)]
    [InlineData("bob", true, "h", 23, ApprovalVerdict.Granted)]
    public void Another_person_who_may_do_it_allows_exactly_what_was_asked(string approver, bool may, string hash, int hours, ApprovalVerdict verdict)
    {
        var at = Instant.FromUtc(2027, 5, 1, 12, 0);
        var request = new ApprovalRequest(GuardedAction.OptOut, "ann", at, "h");
        Assert.Equal(verdict, Approvals.Decide(new TwoPersonRule { Enabled = true }, request, approver, may, hash, at + Duration.FromHours(hours)));
    }

    private static AccessGrant Grant(byte drawn) => new((Role)(drawn % 7), (drawn / 7 % 4) switch
    {
        0 => AccessScope.Empty,
        1 => new AccessScope { Customers = ["c" + drawn % 3] },
        2 => new AccessScope { Sites = ["s" + drawn % 5] },
        _ => new AccessScope { Customers = ["c" + drawn % 3], Tags = ["t0"] },
    });
}
