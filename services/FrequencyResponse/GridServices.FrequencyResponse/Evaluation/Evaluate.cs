using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Evaluation;

/// <summary>
/// The body of <c>POST /v1/evaluate</c>: points of curves, stacks and droops. Pure; the first point that can't be answered refuses the
/// body, named by its JSON pointer.
/// </summary>
/// <remarks>
/// <code>
/// {"points":[
///   {"service":"GB-DCL","frequencyHz":49.25}                                                   -> {"pu":1}
///   {"service":"GB-DCL","frequencyHz":49.25,"quantityW":50000}                                  -> {"pu":1,"w":50000}
///   {"service":"IEEE1547-CAT-DEFAULT","frequencyHz":60.4,"prePu":0.7,"availablePu":0.9,"minPu":0} -> {"pu":…}   availablePu 1, minPu 0 unless given
///   {"stackMw":{"GB-DCL":20,"GB-DRL":5},"frequencyHz":49.7}                                     -> {"mw":…}
///   {"curve":[[49.8,1],[50,0]],"frequencyHz":49.9}                                              -> {"pu":0.5}
///   {"service":"OCPP21-v2xFreqWattCurve","curve":[[49.8,11000],[50.2,-11000]],"v2xBaselineW":-3000,"frequencyHz":49} -> {"w":8000}
/// ]}
/// </code>
/// </remarks>
public static class Evaluate
{
    /// <summary>Most points of one body.</summary>
    public const int MaxPoints = 10_000;

    /// <summary>A frequency further than this from nominal is no frequency of a grid.</summary>
    public const double PlausibleHz = 5;

    /// <summary>OCPP 2.1 v2xFreqWattCurve: corners in watts, given in the point itself, added to a baseline; the ends are held.</summary>
    public const string OcppCurve = "OCPP21-v2xFreqWattCurve";

    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxStack = 64;
    private const double MaxPu = 10;
    private const double MaxMw = 1e6;
    private const double MaxWatts = 1e12;

    private static readonly string[] Known =
        ["service", "frequencyHz", "prePu", "availablePu", "minPu", "stackMw", "curve", "v2xBaselineW", "quantityW"];

    /// <summary>Reads a body and answers it.</summary>
    public static ReadOutcome<EvaluateAnswer> Body(ServiceCatalog catalog, ReadOnlyMemory<byte> json)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return CatalogJson.Open(json, MaxBytes, root =>
            new EvaluateAnswer([.. root.AsObject("points").Required("points", "the points to evaluate").Items(0, MaxPoints).Select(p => Point(catalog, p))]));
    }

    private static EvaluatedPoint Point(ServiceCatalog catalog, JsonMember point)
    {
        point.AsObject(Known);
        if (point.Member("stackMw") is { } stack)
        {
            Refuse(point, "stackMw", "service", "curve", "prePu", "availablePu", "minPu", "quantityW", "v2xBaselineW");
            return new EvaluatedPoint { Mw = WithoutNegativeZero(Stack(catalog, point, stack)) };
        }

        if (point.Member("curve") is { } curve)
        {
            return Custom(point, curve);
        }

        Refuse(point, "service", "v2xBaselineW");
        var place = point.Required("service", "an id of the catalog, or stackMw, or curve");
        var service = Service(catalog, place, place.Text());
        var hz = Frequency(point, service);
        var pu = service.AroundPreDisturbance ? Around(point, service, hz) : Memoryless(point, service, hz);
        return new EvaluatedPoint { Pu = WithoutNegativeZero(pu), W = Quantity(point) is { } quantity ? WithoutNegativeZero(pu * quantity) : null };
    }

    private static double Memoryless(JsonMember point, ServiceDefinition service, double hz)
    {
        Refuse(point, service.Id, "prePu", "availablePu", "minPu");
        return service.Curve!.Evaluate(hz);
    }

    private static double Around(JsonMember point, ServiceDefinition service, double hz)
    {
        var before = new PreDisturbance(
            point.Required("prePu", $"{service.Id} moves around the power before the disturbance").Double(-MaxPu, MaxPu, "power before the disturbance"),
            point.Member("availablePu")?.Double(-MaxPu, MaxPu, "power available") ?? 1,
            point.Member("minPu")?.Double(-MaxPu, MaxPu, "least power") ?? 0);
        return before.MinPu <= before.AvailablePu
            ? before.Evaluate(service.Curve!, hz)
            : throw point.Fault(ErrorClass.SemanticNumber, "minPu", $"minPu {before.MinPu} is above availablePu {before.AvailablePu}; nothing lies between them");
    }

    private static double Stack(ServiceCatalog catalog, JsonMember point, JsonMember stack)
    {
        var sum = 0.0;
        foreach (var (id, megawatts) in stack.Members(1, MaxStack))
        {
            var service = Service(catalog, megawatts, id);
            if (service.AroundPreDisturbance)
            {
                throw new WireFormatException(ErrorClass.SemanticCode, megawatts.Pointer, $"{id} gives total power, not a change; it can't be stacked");
            }

            sum += megawatts.Double(0, MaxMw, "contracted megawatts") * service.Curve!.Evaluate(Frequency(point, service));
        }

        return sum;
    }

    private static EvaluatedPoint Custom(JsonMember point, JsonMember curve)
    {
        Refuse(point, "curve", "prePu", "availablePu", "minPu");
        var watts = point.Member("service")?.Text() is { } named
            && (string.Equals(named, OcppCurve, StringComparison.Ordinal) ? true : throw point.Fault(
                ErrorClass.SemanticCode, "service", $"{SafeText.Quote(named)} has its own curve; leave out curve, or name {OcppCurve}, or leave out service"));
        var response = ResponseCurve.Through(curve.Corners(50 - PlausibleHz, 60 + PlausibleHz, watts ? MaxWatts : MaxPu));
        var value = response.Evaluate(
            point.Required("frequencyHz", "the frequency in Hz").Double(50 - PlausibleHz, 60 + PlausibleHz, "a frequency of a 50 or 60 Hz grid"));
        if (watts)
        {
            Refuse(point, OcppCurve, "quantityW");
            return new EvaluatedPoint { W = WithoutNegativeZero((point.Member("v2xBaselineW")?.Double(-MaxWatts, MaxWatts, "baseline in watts") ?? 0) + value) };
        }

        Refuse(point, "curve", "v2xBaselineW");
        return new EvaluatedPoint { Pu = WithoutNegativeZero(value), W = Quantity(point) is { } quantity ? WithoutNegativeZero(value * quantity) : null };
    }

    private static ServiceDefinition Service(ServiceCatalog catalog, JsonMember place, string id)
    {
        if (!catalog.TryFind(id, out var service))
        {
            throw new WireFormatException(ErrorClass.UnknownId, place.Pointer, $"no service {SafeText.Quote(id)} in the catalog; GET /v1/catalog lists them");
        }

        return service.Curve is null && service.Shape is NoCurve none
            ? throw new WireFormatException(ErrorClass.SemanticCode, place.Pointer, $"{id} has no curve by frequency: {none.Reason}")
            : service;
    }

    private static double Frequency(JsonMember point, ServiceDefinition service) =>
        point.Required("frequencyHz", "the frequency in Hz").Double(
            service.NominalHz - PlausibleHz, service.NominalHz + PlausibleHz, $"not a frequency of the {service.NominalHz} Hz grid of {service.Id}");

    private static double? Quantity(JsonMember point) => point.Member("quantityW")?.Double(0, MaxWatts, "contracted watts");

    private static void Refuse(JsonMember point, string beside, params ReadOnlySpan<string> members)
    {
        foreach (var member in members)
        {
            if (point.Has(member))
            {
                throw point.Fault(ErrorClass.SchemaInvalid, member, $"has no meaning beside {beside}; leave it out");
            }
        }
    }

    /// <summary>Without the sign of a zero, which JSON would show.</summary>
    private static double WithoutNegativeZero(double value) => value + 0.0;
}
