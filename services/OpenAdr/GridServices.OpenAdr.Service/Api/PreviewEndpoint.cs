using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>What an event would come to, before any utility sends it.</summary>
internal static class PreviewEndpoint
{
    private const int MaxBody = 8 * 1024 * 1024;

    public static void MapPreview(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/policies/preview", PreviewAsync).WithTags("Events")
        .RequirePermission(Permission.SeeSites).RepeatsHarmlessly().WithName("previewPolicies").WithSummary("What an event would be answered and what it would ask of the sites")
        .WithDescription(
            "Takes an oadrDistributeEvent, signed or not, and a VEN (venKey), or programs to try, or both: then the programs stand in for the VEN's own. "
            + "Nothing is stored, sent or published. A start that is random is drawn as it might be; what people have chosen is left out.")
        .Accepts<PreviewBody>("application/json").Produces<PreviewItem>().Refuses(ErrorClass.NotFound);

    private static async Task<IResult> PreviewAsync(HttpContext http, VenHost host, IClock clock)
    {
        if (StrictJson.Read<PreviewBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is not { } body)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var ven = body.VenKey is null ? null : http.GetVen(host, body.VenKey).View;
        var config = body.ToConfig(ven?.Config);
        if (config is null)
        {
            return ConfigProblem.Answer(http, [new ConfigFault(ErrorClass.Configuration, "/venKey", "is missing: name a VEN, or give programs to try")]);
        }

        if (VenConfigRules.Check(config).Where(f => body.Owns(f.Pointer)).ToList() is { Count: > 0 } wrong)
        {
            return ConfigProblem.Answer(http, wrong);
        }

        var (xml, at) = (Encoding.UTF8.GetBytes(body.Xml), body.At ?? clock.GetCurrentInstant());
        var read = OadrXml.Read(xml);
        return read switch
        {
            { Message: OadrDistributeEvent message } => Results.Ok(PreviewItem.From(
                PolicyPreview.Compute(config, ven?.State.Registration, message, Convert.ToHexStringLower(SHA256.HashData(xml)), at), at)),
            { Message: { } other } => ConfigProblem.Answer(http, [new ConfigFault(ErrorClass.Configuration, "/xml", $"holds {other.Name}; give an oadrDistributeEvent")]),
            _ => ConfigProblem.Answer(http, [new ConfigFault(read.Refusal!.Class, "/xml", SafeText.Line(read.Refusal.ToString()))]),
        };
    }
}
