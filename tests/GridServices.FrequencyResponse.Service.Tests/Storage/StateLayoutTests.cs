using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dapper;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.FrequencyResponse.Service.Tests.Storage;

public sealed class StateLayoutTests
{
    private enum Mode
    {
        Off,
        On,
    }

    private enum Turned
    {
        On,
        Off,
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct One(long At, Mode Mode);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Same(long At, Mode Mode);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Moved(Mode Mode, long At);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Renumbered(long At, Turned Mode);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Wider(long At, Mode Mode, double More);

    [Fact]
    public void Two_builds_of_one_shape_read_each_other_and_no_others()
    {
        var one = StateLayout.HashShape(typeof(One));
        Assert.Equal(one, StateLayout.HashShape(typeof(Same)));
        Assert.All([typeof(Moved), typeof(Renumbered), typeof(Wider)], other => Assert.NotEqual(one, StateLayout.HashShape(other)));
    }

    [Fact]
    public async Task What_is_stored_names_no_build_and_is_read_by_the_same_shape_only()
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-STATIC-FFR");
        await rig.MeasureAsync(_ => 50.0, 0.5);
        await rig.MeasureUntilAsync(49.65, "active");
        await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/activations"), a => a.AsArray().Count > 0);
        var store = rig.Service.App.Services.GetRequiredService<Store>();
        var layout = await store.ReadAsync(db => db.ExecuteScalarAsync<string>("SELECT layout FROM pool_states"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain($"{typeof(ControllerState).Assembly.ManifestModule.ModuleVersionId:N}", layout, StringComparison.OrdinalIgnoreCase);

        var stored = new StoredPool(layout!, new byte[Unsafe.SizeOf<ControllerState>()], 0, default);
        Assert.NotNull(stored.For(layout!));
        Assert.Null(stored.For(layout + ",meter-2"));
        Assert.Null((stored with { State = [1, 2, 3] }).For(layout!));
    }
}
