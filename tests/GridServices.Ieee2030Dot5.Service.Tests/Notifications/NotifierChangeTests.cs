using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests.Notifications;

/// <summary>Another certificate that notifies, and a restart: what the listener knows follows the configuration and the files.</summary>
public sealed class NotifierChangeTests(ListenerFixture line) : IClassFixture<ListenerFixture>
{
    private const string Xml = """<Notification xmlns="urn:ieee:std:2030.5:ns"><subscribedResource>/edev/1/fsa</subscribedResource><status>0</status></Notification>""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_certificate_in_notifierPin_may_notify_and_then_the_servers_may_not()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await NotifyAsync("device2"));
        Assert.Equal(HttpStatusCode.NoContent, await NotifyAsync("server"));

        await line.Rig.PutAsync(ServiceRig.Path, line.Config(notifierPin: ReadLfdi("device2")));
        Assert.Equal(HttpStatusCode.NoContent, await NotifyAsync("device2"));
        Assert.Equal(HttpStatusCode.Forbidden, await NotifyAsync("server"));

        await line.Rig.PutAsync(ServiceRig.Path, line.Config());
        Assert.Equal(HttpStatusCode.NoContent, await NotifyAsync("server"));
    }

    [Fact]
    public async Task A_client_that_is_deleted_leaves_the_utility_no_subscriptions_and_nothing_to_connect_to()
    {
        Assert.NotEmpty((await line.UtilityAsync("/sim/subscriptions")).AsArray());
        await UntilNoneIsLeftAsync(async () => Assert.Equal(HttpStatusCode.NoContent, (await line.Rig.SendAsync(HttpMethod.Delete, ServiceRig.Path)).Status));
        await Assert.ThrowsAsync<HttpRequestException>(() => NotifyAsync("server"));

        await line.PutAsync();
        Assert.Equal(HttpStatusCode.NoContent, await NotifyAsync("server"));
    }

    [Fact]
    public async Task A_client_that_goes_to_another_server_leaves_the_former_no_subscriptions()
    {
        Assert.NotEmpty((await line.UtilityAsync("/sim/subscriptions")).AsArray());
        var elsewhere = line.Config();
        elsewhere["serverUrl"] = "https://localhost:1";
        await UntilNoneIsLeftAsync(() => line.Rig.PutAsync(ServiceRig.Path, elsewhere));

        await line.PutAsync();
        Assert.Equal(HttpStatusCode.NoContent, await NotifyAsync("server"));
    }

    /// <summary>A utility that does not answer within five seconds keeps them, as on a machine that is full: then once more.</summary>
    private Task<int> UntilNoneIsLeftAsync(Func<Task> leave) => Until.HoldsAsync(
        async () =>
        {
            await line.PutAsync();
            await leave();
            return (await line.UtilityAsync("/sim/subscriptions")).AsArray().Count;
        },
        left => left == 0);

    private async Task<HttpStatusCode> NotifyAsync(string certificate)
    {
        using var caller = line.Caller(certificate);
        using var answer = await caller.PostAsync(line.NotificationPath, new ByteArrayContent(Encoding.UTF8.GetBytes(Xml)), Ct);
        return answer.StatusCode;
    }

    private string ReadLfdi(string name)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(line.File(name + ".crt"));
        return CertificateFingerprint.Compute(certificate)[..CertificateFingerprint.LfdiDigits];
    }
}
