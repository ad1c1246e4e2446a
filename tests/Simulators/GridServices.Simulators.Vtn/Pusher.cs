using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>Pushes to VENs over mutual TLS, with the VTN's own certificate.</summary>
internal sealed class Pusher : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25), PauseAfterFailure = TimeSpan.FromMilliseconds(250);
    private readonly VtnServer vtn;
    private readonly Signing? signing;
    private readonly SchemaValidator? judge;
    private readonly IClock clock;
    private readonly HttpClient http;

    public Pusher(VtnServer vtn, Signing? signing, SchemaValidator? judge, IClock clock)
    {
        (this.vtn, this.signing, this.judge, this.clock) = (vtn, signing, judge, clock);
        http = new HttpClient(new SocketsHttpHandler { SslOptions = Tls(vtn.Options) }) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public override void Dispose()
    {
        http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause;
            foreach (var item in vtn.Waiting())
            {
                if (!await PushAsync(item with { Judge = judge }, stoppingToken))
                {
                    vtn.TellAgain(item);
                    pause = PauseAfterFailure;
                }
            }

            await Task.Delay(pause, stoppingToken);
        }
    }

    private async Task<bool> PushAsync(PushItem item, CancellationToken ct)
    {
        const string Base = "/OpenADR2/Simple/2.0b";
        var address = item.Address.TrimEnd('/');
        var url = $"{(address.EndsWith(Base, StringComparison.Ordinal) ? address : address + Base)}/{item.Service}";
        var bytes = item.Raw ?? Payload.Bytes(vtn.Habits.Written(item.Message));
        using var content = new ByteArrayContent(item.Raw is null && signing is not null && !vtn.Habits.Has(Habit.Unsigned) ? signing.Sign(bytes, clock.GetCurrentInstant().ToDateTimeOffset(), vtn.Habits) : bytes);
        content.Headers.ContentType = new("application/xml");
        try
        {
            using var answer = await http.PostAsync(new Uri(url), content, ct);
            vtn.Pushed(item, (int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(ct), null);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            vtn.Pushed(item, null, null, e.InnerException?.Message ?? e.Message);
            return false;
        }
    }

    // The VEN must come from the same authority; its name is not looked at, as VENs have none in DNS.
    private static SslClientAuthenticationOptions Tls(VtnOptions options)
    {
        using var pem = X509Certificate2.CreateFromPemFile(options.CertFile!, options.KeyFile!);
        var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(options.CaFile!);
        return new()
        {
            ClientCertificateContext = SslStreamCertificateContext.Create(own, VtnTls.Intermediates(options), offline: true),
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 ven && VtnTls.IsIssuedBy(authorities, ven),
        };
    }
}
