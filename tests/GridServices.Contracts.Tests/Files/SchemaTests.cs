using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts.Functions;
using GridServices.Testing;

namespace GridServices.Contracts.Tests.Files;

/// <summary>Records and schemas say the same: every member, every required member, every enum value, both ways.</summary>
public sealed class SchemaTests
{
    /// <summary>Where each record and enum stands: schema file, then the path inside it.</summary>
    private static readonly Dictionary<Type, (string File, string Path)> Places = new()
    {
        [typeof(Envelope)] = ("envelope", ""),
        [typeof(Withdrawal)] = ("withdrawal", ""),
        [typeof(PriceSeries)] = ("price-series", ""),
        [typeof(PriceSegment)] = ("price-series", "$defs/priceSegment"),
        [typeof(CloudEvent<Envelope>)] = ("publication", ""),
        [typeof(Receipt)] = ("receipt", ""),
        [typeof(ReceiptState)] = ("receipt", "$defs/receiptState"),
        [typeof(Reading)] = ("reading", ""),
        [typeof(AlarmKind)] = ("reading", "$defs/alarmKind"),
        [typeof(FeedbackItem)] = ("feedback-item", ""),
        [typeof(UpstreamReport)] = ("upstream-report", ""),
        [typeof(UpstreamStream)] = ("upstream-report", "$defs/upstreamStream"),
        [typeof(Heartbeat)] = ("heartbeat", ""),
        [typeof(UpstreamHealth)] = ("heartbeat", "$defs/upstreamHealth"),
        [typeof(Problem)] = ("problem", ""),
        [typeof(PublishAnswer)] = ("publish-answer", ""),
        [typeof(PublishResult)] = ("publish-answer", "$defs/publishResult"),
        [typeof(PublisherHello)] = ("publisher-hello", ""),
        [typeof(PublisherAnswer)] = ("publisher-answer", ""),
        [typeof(PublishStatus)] = ("publish-answer", "$defs/publishStatus"),
        [typeof(EffectiveTimeline)] = ("effective-timeline", ""),
        [typeof(TargetTimeline)] = ("effective-timeline", "$defs/targetTimeline"),
        [typeof(EffectiveSegment)] = ("effective-timeline", "$defs/effectiveSegment"),
        [typeof(EffectiveLimits)] = ("effective-timeline", "$defs/effectiveLimits"),
        [typeof(EffectivePhases)] = ("effective-timeline", "$defs/effectivePhases"),
        [typeof(EffectivePhase)] = ("effective-timeline", "$defs/effectivePhase"),
        [typeof(Bound<long>)] = ("effective-timeline", "$defs/boundWatts"),
        [typeof(Bound<bool>)] = ("effective-timeline", "$defs/boundFlag"),
        [typeof(Bound<decimal>)] = ("effective-timeline", "$defs/boundAmperes"),
        [typeof(RunnerUp<long>)] = ("effective-timeline", "$defs/boundWatts/properties/next"),
        [typeof(RunnerUp<bool>)] = ("effective-timeline", "$defs/boundFlag/properties/next"),
        [typeof(RunnerUp<decimal>)] = ("effective-timeline", "$defs/boundAmperes/properties/next"),
        [typeof(EffectiveSetpoint)] = ("effective-timeline", "$defs/effectiveSetpoint"),
        [typeof(AdvisoryTimeline)] = ("effective-timeline", "$defs/advisoryTimeline"),
        [typeof(AdvisorySegment)] = ("effective-timeline", "$defs/advisorySegment"),
        [typeof(SiteSnapshot)] = ("site-snapshot", ""),
        [typeof(SiteEnvelopes)] = ("site-envelopes", ""),
        [typeof(Binding)] = ("common", "$defs/binding"),
        [typeof(EnvelopeTarget)] = ("common", "$defs/target"),
        [typeof(TargetKind)] = ("common", "$defs/targetKind"),
        [typeof(StreamId)] = ("common", "$defs/stream"),
        [typeof(Tier)] = ("common", "$defs/tier"),
        [typeof(Obligation)] = ("common", "$defs/obligation"),
        [typeof(BreachPrice)] = ("common", "$defs/breachPrice"),
        [typeof(BreachUnit)] = ("common", "$defs/breachUnit"),
        [typeof(OnStale)] = ("common", "$defs/onStale"),
        [typeof(UpstreamStatus)] = ("common", "$defs/upstreamStatus"),
        [typeof(Provenance)] = ("common", "$defs/provenance"),
        [typeof(Cause)] = ("common", "$defs/cause"),
        [typeof(Limits)] = ("common", "$defs/limits"),
        [typeof(PhaseLimits)] = ("common", "$defs/phaseLimits"),
        [typeof(PhaseLimit)] = ("common", "$defs/phaseLimit"),
        [typeof(DefaultLimits)] = ("common", "$defs/defaultLimits"),
        [typeof(Segment)] = ("common", "$defs/segment"),
        [typeof(TargetSegment)] = ("common", "$defs/targetSegment"),
        [typeof(DroopPoint)] = ("common", "$defs/droopPoint"),
        [typeof(Failsafe)] = ("common", "$defs/failsafe"),
        [typeof(FunctionSetting)] = ("common", "$defs/functionSetting"),
        [typeof(FunctionKind)] = ("common", "$defs/functionKind"),
        [typeof(PercentBase)] = ("common", "$defs/percentBase"),
        [typeof(CurveKnot)] = ("common", "$defs/curveKnot"),
        [typeof(FrequencyDroop)] = ("common", "$defs/frequencyDroop"),
        [typeof(EnterService)] = ("common", "$defs/enterService"),
        [typeof(Ramp)] = ("common", "$defs/ramp"),
        [typeof(EffectiveFunction)] = ("effective-timeline", "$defs/effectiveFunction"),
        [typeof(EffectiveRamp)] = ("effective-timeline", "$defs/effectiveRamp"),
    };

    [Fact]
    public void Every_record_and_enum_on_the_wire_stands_in_a_schema()
    {
        var reached = new HashSet<Type>();
        foreach (var root in Places.Keys.Where(t => Places[t].Path.Length == 0))
        {
            Reach(root, reached);
        }

        Assert.Empty(reached.Except(Places.Keys).Select(t => t.ToString()));
    }

    [Fact]
    public void Every_member_stands_in_the_schema_and_the_other_way_round()
    {
        foreach (var type in Places.Keys.Where(t => !t.IsEnum))
        {
            var properties = At(type).GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);

            Assert.Equal($"{type}: {string.Join(' ', Members(type).Select(GetName).Order(StringComparer.Ordinal))}", $"{type}: {string.Join(' ', properties)}");
        }
    }

    [Fact]
    public void Every_required_member_is_required_in_the_schema_and_the_other_way_round()
    {
        foreach (var type in Places.Keys.Where(t => !t.IsEnum))
        {
            var schema = At(type).TryGetProperty("required", out var list) ? list.EnumerateArray().Select(n => n.GetString()!) : [];

            // Has a value in the record from the start; on the wire it must be said.
            var said = type == typeof(CloudEvent<Envelope>) ? ["specversion"] : Array.Empty<string>();
            var code = Members(type).Where(IsRequired).Select(GetName).Concat(said);
            Assert.Equal($"{type}: {string.Join(' ', code.Order(StringComparer.Ordinal))}", $"{type}: {string.Join(' ', schema.Order(StringComparer.Ordinal))}");
        }
    }

    [Fact]
    public void Every_enum_value_stands_in_the_schema_and_the_other_way_round()
    {
        foreach (var type in Places.Keys.Where(t => t.IsEnum))
        {
            var code = (IReadOnlyList<string>)typeof(EnumNames<>).MakeGenericType(type).GetProperty("All")!.GetValue(null)!;

            Assert.Equal(code, At(type).GetProperty("enum").EnumerateArray().Select(v => v.GetString()));
        }
    }

    [Fact]
    public void Where_an_unknown_member_must_not_be_dropped_schema_and_record_refuse_it()
    {
        foreach (var type in Places.Keys.Where(t => !t.IsEnum))
        {
            var closed = At(type).TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False;

            Assert.True(closed == (type.GetCustomAttribute<JsonUnmappedMemberHandlingAttribute>() is not null), type.ToString());
        }
    }

    [Fact]
    public void Every_error_class_stands_in_the_problem_schema_with_status_and_title()
    {
        var listed = At(typeof(Problem)).GetProperty("properties").GetProperty("type").GetProperty("enum").EnumerateArray().Select(v => v.GetString());

        Assert.Equal(Enum.GetValues<ErrorClass>().Select(c => Problems.TypePrefix + Problems.GetName(c)), listed);
        Assert.All(Enum.GetValues<ErrorClass>(), c =>
        {
            var problem = Problems.Create(c, "x", "/y");
            Assert.InRange(problem.Status, 400, 599);
            Assert.NotEmpty(problem.Title);
            Assert.Equal(c, Problems.FindClass(problem));
        });
    }

    [Fact]
    public void Every_error_class_of_the_hostile_collection_is_ours()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.Path("hostile"), "index.json")));
        var asked = index.RootElement.EnumerateArray().Select(c => c.GetProperty("error_class").GetString()!).Distinct(StringComparer.Ordinal);

        Assert.Equal(["ACCEPT"], asked.Except(Enum.GetValues<ErrorClass>().Select(Problems.GetName), StringComparer.Ordinal));
    }

    [Fact]
    public void Event_types_and_the_identifier_pattern_are_the_same_in_schema_and_code()
    {
        var types = At(typeof(CloudEvent<Envelope>)).GetProperty("properties").GetProperty("type").GetProperty("enum").EnumerateArray().Select(v => v.GetString());
        var pattern = ContractFolder.Schema("common").GetProperty("$defs").GetProperty("identifier").GetProperty("pattern").GetString();

        Assert.Equal([CloudEventTypes.EnvelopePublished, CloudEventTypes.EnvelopeWithdrawn, CloudEventTypes.PricesPublished], types);
        Assert.Equal(Identifiers.Pattern, pattern);
    }

    private static JsonElement At(Type type) =>
        Places[type].Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(ContractFolder.Schema(Places[type].File), (at, part) => at.GetProperty(part));

    private static IEnumerable<PropertyInfo> Members(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetMethod is { IsStatic: false });

    private static string GetName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static bool IsRequired(PropertyInfo property) =>
        property.GetCustomAttribute<RequiredMemberAttribute>() is not null
        || property.DeclaringType!.GetConstructors().Any(c => c.GetParameters().Any(p => p.Name == property.Name && !p.HasDefaultValue));

    private static void Reach(Type type, HashSet<Type> reached)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            Reach(type.GetGenericArguments()[0], reached);
            return;
        }

        if (type.Assembly != typeof(Envelope).Assembly || !reached.Add(type) || type.IsEnum)
        {
            return;
        }

        foreach (var member in Members(type))
        {
            Reach(member.PropertyType, reached);
        }
    }
}
