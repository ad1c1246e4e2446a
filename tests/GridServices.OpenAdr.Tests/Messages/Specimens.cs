using System.Globalization;
using System.Reflection;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Messages;

/// <summary>How much of a message a specimen has.</summary>
public enum Fill
{
    /// <summary>Every optional member and every list that may be empty is absent.</summary>
    Nothing,

    /// <summary>One item in every list, everything else optional absent.</summary>
    Lists,

    /// <summary>Every member present, two items in every list.</summary>
    Everything,
}

/// <summary>Builds any message out of its type alone.</summary>
internal sealed class Specimens(Fill fill)
{
    private const string Feed =
        """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:uuid:1</id><title type="text">Green Button</title><updated>2027-01-15T18:00:00Z</updated></feed>""";

    /// <summary>Lists that stand in a constructor, yet may be empty by the schema.</summary>
    private static readonly HashSet<string> MayBeEmpty = new(StringComparer.Ordinal)
    {
        "OadrCreatedEvent.EventResponses", "OadrCreatedReport.PendingReports", "OadrCanceledReport.PendingReports",
        "OadrRegisteredReport.ReportRequests", "Extension.Infos", "ReportInterval.GreenButtonFeeds",
    };

    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["SignalName"] = SignalNames.LoadDispatch,
        ["OptReason"] = OptReasons.Economic,
        ["ReportName"] = ReportNames.TelemetryUsage,
        ["ReportType"] = "x-resourceStatus",
        ["ReadingType"] = "Direct Read",
        ["Quality"] = DataQuality.PreviousValueUsed,
        ["Positions"] = "47.1 8.5 47.2 8.6",
        ["GreenButtonFeeds"] = Feed,
        ["MarketContext"] = "http://utility.example/dr?a=1&b=<2>",
    };

    /// <summary>What reading tells of a message and no message says.</summary>
    private static readonly HashSet<string> OfReading = new(StringComparer.Ordinal) { nameof(OadrCreatedPartyRegistration.PollFrequencyFault) };

    /// <summary>Wherever its enumeration may stand, this value does; null: each value in turn.</summary>
    public Enum? Always { get; init; }

    private readonly NullabilityInfoContext nullability = new();
    private int count;

    public static IEnumerable<Type> MessageTypes => typeof(OadrMessage).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(OadrMessage)));

    public OadrMessage Message(Type type) => (OadrMessage)Build(type);

    public T Build<T>() => (T)Build(typeof(T));

    public ItemBase Item(ItemKind kind) => kind switch
    {
        ItemKind.GreenButton => new ItemBase { Kind = kind, GreenButtonFeed = Feed },
        ItemKind.PulseCount => new ItemBase { Kind = kind, Description = "pulse count", Units = "count", PulseFactor = 0.125 },
        ItemKind.CustomUnit => new ItemBase { Kind = kind, Description = "vehicles", Units = "pcs", Scale = SiScale.None },
        ItemKind.Temperature => new ItemBase { Kind = kind, Description = "temperature", Units = "celsius", Scale = SiScale.Deci },
        ItemKind.Current => Unit(kind, "Current", "A"),
        ItemKind.Frequency => Unit(kind, "Frequency", "Hz"),
        ItemKind.Therm => Unit(kind, "Therm", "thm"),
        ItemKind.Voltage => Unit(kind, "Voltage", "V"),
        ItemKind.EnergyApparent => Unit(kind, "ApparentEnergy", "VAh"),
        ItemKind.EnergyReactive => Unit(kind, "ReactiveEnergy", "VARh"),
        ItemKind.EnergyReal => Unit(kind, "RealEnergy", "Wh"),
        ItemKind.PowerApparent => PowerUnit(kind, "ApparentPower", "VA"),
        ItemKind.PowerReactive => PowerUnit(kind, "ReactivePower", "VAR"),
        ItemKind.PowerReal => PowerUnit(kind, "RealPower", "W"),
        _ => Unit(kind, kind == ItemKind.CurrencyPerKW ? "currencyPerKW" : kind == ItemKind.CurrencyPerKWh ? "currencyPerKWh" : "currency", "EUR"),
    };

    private ItemBase Unit(ItemKind kind, string description, string units) =>
        new() { Kind = kind, Description = description, Units = units, Scale = Next<SiScale>() };

    private ItemBase PowerUnit(ItemKind kind, string description, string units) =>
        Unit(kind, description, units) with { PowerAttributes = new PowerAttributes(60, 277.5m, true) };

    private object Build(Type type)
    {
        if (type == typeof(ItemBase))
        {
            return Item(Next<ItemKind>());
        }

        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First(c => c.GetParameters() is not [{ } only] || only.ParameterType != type);
        var arguments = constructor.GetParameters().Select(p => Value(type, type.GetProperty(p.Name!)!, isRequired: true)).ToArray();
        var built = constructor.Invoke(arguments);
        foreach (var property in type.GetProperties().Where(p => p.CanWrite && !OfReading.Contains(p.Name) && constructor.GetParameters().All(a => !string.Equals(a.Name, p.Name, StringComparison.Ordinal))))
        {
            var required = property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
            if (fill == Fill.Everything || required || (fill == Fill.Lists && IsList(property.PropertyType)))
            {
                property.SetValue(built, Value(type, property, required));
            }
        }

        return built is ReportPayload payload ? EitherValueOrStatus(payload) : built;
    }

    private ReportPayload EitherValueOrStatus(ReportPayload payload) => ++count % 2 == 0
        ? payload with { Value = -1.5e3, Status = null }
        : payload with { Value = null, Status = Build<ResourceStatus>() };

    private object? Value(Type owner, PropertyInfo property, bool isRequired)
    {
        var type = property.PropertyType;
        var mayBeNull = nullability.Create(property).WriteState == NullabilityState.Nullable;
        if (mayBeNull && fill != Fill.Everything)
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        var least = isRequired && !MayBeEmpty.Contains($"{owner.Name}.{property.Name}") ? 1 : 0;
        return IsList(type)
            ? List(type.GetGenericArguments()[0], property.Name, Math.Max((int)fill, least))
            : One(type, property.Name);
    }

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>);

    private object List(Type item, string name, int length)
    {
        var items = Array.CreateInstance(item, length);
        for (var i = 0; i < length; i++)
        {
            items.SetValue(One(item, name), i);
        }

        return typeof(ValueList).GetMethod(nameof(ValueList.ToValueList))!.MakeGenericMethod(item).Invoke(null, [items])!;
    }

    private object One(Type type, string name) => Type.GetTypeCode(type) switch
    {
        _ when Always?.GetType() == type => Always,
        _ when type.IsEnum => Enum.GetValues(type).GetValue(++count % Enum.GetValues(type).Length)!,
        TypeCode.String => Texts.GetValueOrDefault(name) ?? string.Create(CultureInfo.InvariantCulture, $"{name}-{++count}"),
        TypeCode.Boolean => ++count % 2 == 0,
        TypeCode.Int32 => 200 + (++count % 300),
        TypeCode.UInt32 => (uint)(++count % 100),
        TypeCode.Double => ++count / 8.0,
        _ when type == typeof(Instant) => Instant.FromUtc(2027, 1, 15, 18, 0) + Duration.FromSeconds(++count),
        _ when type == typeof(Period) => ++count % 3 == 0 ? Period.Zero : new PeriodBuilder { Days = 1, Minutes = count }.Build(),
        _ when type == typeof(Readable<OadrEvent>) => Readable.From(Build<OadrEvent>()),
        _ => Build(type),
    };

    private T Next<T>()
        where T : struct, Enum => Always is T always ? always : Enum.GetValues<T>()[++count % Enum.GetValues<T>().Length];
}
