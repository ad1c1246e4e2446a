using System.Net;
using System.Security.Cryptography;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Notify;

/// <summary>A webhook as it is written.</summary>
public sealed record WebhookBody
{
    public required string Url { get; init; }

    /// <summary>What it is told; absent = everything.</summary>
    public IReadOnlyList<Trigger> Triggers { get; init; } = [];

    public bool Enabled { get; init; } = true;
}

/// <summary>A new webhook.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Secret">What its deliveries are signed with; shown once.</param>
public sealed record WebhookMade(Webhook Webhook, string Secret);

/// <summary>Makes and tries webhooks.</summary>
internal sealed class WebhookCommands(WebhookStore store, WebhookOptions options)
{
    private const int SecretBytes = 32;

    /// <exception cref="FormException">The address is none that may be told.</exception>
    internal async Task<WebhookMade> CreateAsync(AuditedTransaction transaction, WebhookBody body)
    {
        Check(body);
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
        var stamp = new Stamp(transaction.Now, transaction.Actor.Name);
        var made = await transaction.InsertAsync(store, new Webhook
        {
            Id = transaction.NewId(),
            Tenant = transaction.Actor.Tenant,
            Created = stamp,
            Updated = stamp,
            Version = 1,
            Url = body.Url,
            Triggers = body.Triggers.ToValueList(),
            Enabled = body.Enabled,
        });
        await store.SetSecretAsync(transaction, made.Id, secret);
        return new WebhookMade(made, secret);
    }

    /// <summary>Queues a delivery that says nothing but that it is a test.</summary>
    internal static async Task TestAsync(AuditedTransaction transaction, Webhook webhook)
    {
        await WebhookStore.QueueAsync(transaction, webhook.Id, $"test|{transaction.NewId()}", StoredJson.Write(new WebhookTest("test", transaction.Now, transaction.Actor.Name)));
        await transaction.AuditAsync("webhook", webhook.Id, "tested", null, null);
    }

    /// <summary>A name is looked up with each delivery; what it leads to then is judged again.</summary>
    private void Check(WebhookBody body)
    {
        var isUrl = Uri.TryCreate(body.Url, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) && url.UserInfo.Length == 0;
        var refusal = isUrl ? FindRefusal(url!) : null;
        new FormCheck().Unless(isUrl, "/url", "must be an https URL without user and password (http on this machine only)")
            .Unless(refusal is null, "/url", $"leads to an address {refusal}; allow its network by the setting Notify:Webhooks:AllowedNetworks").ThrowIfAny();
    }

    private string? FindRefusal(Uri url) =>
        IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) || (url.IsLoopback && (address = IPAddress.Loopback) is not null) ? options.Rules.FindRefusal(address) : null;

    private sealed record WebhookTest(string Trigger, NodaTime.Instant At, string By);
}
