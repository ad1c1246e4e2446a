using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Operations.Provisioning;
using Refit;

namespace GridServices.Operations.Service.Clients;

/// <summary>Reads and writes the documents that enrollments want at the services, by their path.</summary>
internal sealed class ServiceDocuments(ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee, ITariffsApi tariffs, IFrequencyResponseApi frequency)
{
    /// <summary>The document as a PUT would take it, canonical, with its ETag.</summary>
    internal async Task<ServiceReply<string>> GetAsync(string tenant, ProvisionedService service, string path, CancellationToken ct) =>
        Content(service, await calls.CallAsync(ToServiceName(service), tenant, token => Get(service, token, ParseKey(path), ct), ct));

    /// <summary>As the service shows it afterwards, with its defaults.</summary>
    internal async Task<ServiceReply<string>> PutAsync(string tenant, ProvisionedService service, string path, string json, string? ifMatch, CancellationToken ct)
    {
        using var document = JsonDocument.Parse(service == ProvisionedService.FrequencyResponse ? WithOpenEnds(json) : json);
        var body = document.RootElement.Clone();
        return Content(service, await calls.CallAsync(ToServiceName(service), tenant, token => Put(service, token, ParseKey(path), ifMatch, body, ct), ct));
    }

    /// <summary>Done also where it was not there any more.</summary>
    internal async Task<ServiceReply<JsonElement>> DeleteAsync(string tenant, ProvisionedService service, string path, string? ifMatch, CancellationToken ct) =>
        await calls.CallAsync(ToServiceName(service), tenant, token => Delete(service, token, ParseKey(path), ifMatch, ct), ct);

    /// <summary>A canonical document has no nulls, but a window without an end has to say so: <c>"until": null</c>.</summary>
    private static string WithOpenEnds(string json)
    {
        var contract = JsonNode.Parse(json)!.AsObject();
        foreach (var window in (contract["windows"] as JsonArray ?? []).OfType<JsonObject>())
        {
            window.TryAdd("until", null);
        }

        return contract.ToJsonString();
    }

    internal static ServiceName ToServiceName(ProvisionedService service) => Enum.Parse<ServiceName>(service.ToString());

    private static string ParseKey(string path) => Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);

    private Task<ApiResponse<JsonElement>> Get(ProvisionedService service, string token, string key, CancellationToken ct) => service switch
    {
        ProvisionedService.OpenAdr => openAdr.GetVenAsync(token, key, ct),
        ProvisionedService.Ieee2030Dot5 => ieee.GetClientAsync(token, key, ct),
        ProvisionedService.Tariffs => tariffs.GetMeterAsync(token, key, ct),
        _ => frequency.GetContractAsync(token, key, ct),
    };

    private Task<ApiResponse<JsonElement>> Put(ProvisionedService service, string token, string key, string? ifMatch, JsonElement body, CancellationToken ct) => service switch
    {
        ProvisionedService.OpenAdr => openAdr.PutVenAsync(token, key, ifMatch, body, ct),
        ProvisionedService.Ieee2030Dot5 => ieee.PutClientAsync(token, key, ifMatch, body, ct),
        ProvisionedService.Tariffs => tariffs.PutMeterAsync(token, key, ifMatch, body, ct),
        _ => frequency.PutContractAsync(token, key, ifMatch, body, ct),
    };

    private Task<ApiResponse<JsonElement>> Delete(ProvisionedService service, string token, string key, string? ifMatch, CancellationToken ct) => service switch
    {
        ProvisionedService.OpenAdr => openAdr.DeleteVenAsync(token, key, ifMatch, ct),
        ProvisionedService.Ieee2030Dot5 => ieee.DeleteClientAsync(token, key, ifMatch, ct),
        ProvisionedService.Tariffs => tariffs.DeleteMeterAsync(token, key, ifMatch, ct),
        _ => frequency.DeleteContractAsync(token, key, ifMatch, ct),
    };

    /// <summary>The part of the answer that was PUT.</summary>
    private static ServiceReply<string> Content(ProvisionedService service, ServiceReply<JsonElement> reply)
    {
        if (!reply.IsDone)
        {
            return new ServiceReply<string>(reply.Kind, null, null, reply.Problem, reply.Faults);
        }

        var member = service switch { ProvisionedService.Tariffs => "plan", ProvisionedService.FrequencyResponse => "contract", _ => "config" };
        if (reply.Value.ValueKind != JsonValueKind.Object || !reply.Value.TryGetProperty(member, out var content))
        {
            return ServiceReply.Away<string>($"the answer has no '{member}': {ServiceReply.Foreign}");
        }

        return new ServiceReply<string>(ReplyKind.Done, WantedDocument.CanonicalText(content.GetRawText()), reply.ETag, null, []);
    }
}
