using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.OpenAdr.Service.Tests.Rig;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>A listener whose certificate is not there, comes, and ends: one service's life.</summary>
public sealed class PushCertificateTests
{
    [Fact]
    public async Task It_keeps_no_pull_ven_from_its_vtn_shows_in_status_hub_and_doctor_and_is_taken_when_it_comes() // OpenADR 2.0b rule 516
    {
        var clock = new MovedClock();
        await using var push = await PushRig.StartAsync(clock, "listener.pem");
        var pull = VenRig.Config(push.Vtn.Url);
        (pull["venName"], pull["siteId"]) = ("site-2", "site-2");
        await push.Rig.PutAsync("/v1/vens/site-2", pull);
        await VenRig.UntilAsync(async () => (await push.Rig.GetAsync("/v1/vens/site-2"))["state"]!.GetValue<string>(), s => s == "registered");
        await push.RegisterAsync(isPushed: false);
        await IsLostAsync(push, "Push:Certificate");

        using (var certificate = push.Pki.Issue("listener", validFor: TimeSpan.FromHours(20)))
        {
            push.Pki.Write("listener.pem", certificate);
        }

        clock.Move(Duration.FromSeconds(11));
        Assert.Equal("ok", (await push.Rig.GetAsync(VenRig.Path))["condition"]!["status"]!.GetValue<string>());
        var report = await push.Rig.GetAsync(VenRig.Path + "/doctor");
        Assert.True(report["push"]!["listening"]!.GetValue<bool>());
        Assert.Contains("listener.pem ends at", GetAdvice(report), StringComparison.Ordinal);
        using var vtn = push.VtnCaller();
        using (var answer = await vtn.PostAsync(PushRig.EventPath, PushRig.Xml(PushRig.NoEvents("VTN-SIM")), TestContext.Current.CancellationToken))
        {
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        }

        clock.Move(Duration.FromHours(21));
        using (var answer = await vtn.PostAsync(PushRig.EventPath, PushRig.Xml(PushRig.NoEvents("VTN-SIM", "d-2")), TestContext.Current.CancellationToken))
        {
            // The connection is that of before, and is over.
            Assert.Equal((System.Net.HttpStatusCode.ServiceUnavailable, true), (answer.StatusCode, answer.Headers.ConnectionClose));
        }

        await IsLostAsync(push, "expired at");
    }

    private static async Task IsLostAsync(PushRig push, string why)
    {
        var condition = (await push.Rig.GetAsync(VenRig.Path))["condition"]!;
        Assert.Equal("lost", condition["status"]!.GetValue<string>());
        var report = await push.Rig.GetAsync(VenRig.Path + "/doctor");
        Assert.False(report["push"]!["listening"]!.GetValue<bool>());
        Assert.Contains(why, GetAdvice(report), StringComparison.Ordinal);
        await VenRig.UntilAsync(() => push.Rig.Hub.Reports.LastOrDefault()?.Streams.Any(s => s.Status == UpstreamStatus.Lost && s.Detail?.Contains(why, StringComparison.Ordinal) == true && s.Sites.Contains("site-1")) == true);
    }

    private static string GetAdvice(JsonNode report) => report["advice"]!.ToJsonString();

    private sealed class MovedClock : IClock
    {
        private long _ticks;

        public Instant GetCurrentInstant() => SystemClock.Instance.GetCurrentInstant() + Duration.FromTicks(Interlocked.Read(ref _ticks));

        public void Move(Duration by) => Interlocked.Add(ref _ticks, by.BclCompatibleTicks);
    }
}
