namespace GridServices.Contracts.Tests.Readers;

public sealed class FeedbackReadingTests
{
    private const string Receipt = """{"envelopeId":"0193b0a4-6f5e-7c21-9d3e-0c5f1a2b3c4e","revision":3,"state":"cannotComply","at":"2027-01-15T18:00:00Z","deficitW":1200,"reason":"base load"}""";

    private const string Reading = """
        {"at":"2027-01-15T18:00:00Z","assetId":"ess-1","netPowerW":-1500,"energyImportWh":10,"energyExportWh":20,"socPercent":79.333333333333,
         "frequencyHz":49.98000000000001,"headroomUpW":0,"headroomDownW":5,"manualOverride":true,"alarms":["overVoltage","phaseRotation"]}
        """;

    private const string Report = """
        {"source":"/gridservices/openadr/1","validFor":"PT45S","streams":[{"stream":{"service":"openadr","key":"PROG7"},"sites":["site-1","site-2"],
         "status":"stale","since":"2027-01-15T18:00:00Z","detail":"no answer for 40 s"}]}
        """;

    [Fact]
    public void A_receipt_is_read_alone_and_in_an_array()
    {
        var alone = ReceiptReader.Read(Sample.Utf8(Receipt));
        var many = ReceiptReader.Read(Sample.Utf8($"[{Receipt},{Receipt}]"));

        Assert.Equal(1200, alone.Items[0].Value!.DeficitW);
        Assert.Equal(ReceiptState.CannotComply, alone.Items[0].Value!.State);
        Assert.Equal([alone.Items[0].Value, alone.Items[0].Value], many.Items.Select(i => i.Value));
    }

    [Theory]
    [InlineData("/state", "\"done\"", ErrorClass.SchemaInvalid)]
    [InlineData("/state", "\"accepted\"", ErrorClass.SemanticStatus)]
    [InlineData("/deficitW", "-1", ErrorClass.SemanticNumber)]
    [InlineData("/at", "\"now\"", ErrorClass.SemanticTime)]
    [InlineData("/envelopeId", null, ErrorClass.SchemaInvalid)]
    [InlineData("/reason", "\"a\\nb\"", ErrorClass.SemanticText)]
    public void Receipts_are_refused_by_class(string member, string? raw, ErrorClass kind) =>
        Assert.Equal(kind, Problems.FindClass(ReceiptReader.Read(Sample.Utf8(Sample.With(Receipt, member, raw))).Items[0].Problem!));

    [Fact]
    public void A_reading_keeps_every_digit()
    {
        var reading = ReadingReader.Read(Sample.Utf8(Reading)).Items[0].Value!;

        Assert.Equal((-1500L, 79.333333333333m, 49.98000000000001m, true), (reading.NetPowerW, reading.SocPercent, reading.FrequencyHz, reading.ManualOverride));
    }

    [Theory]
    [InlineData("/socPercent", "100.1", ErrorClass.SemanticNumber)]
    [InlineData("/frequencyHz", "1e400", ErrorClass.Malformed)]
    [InlineData("/frequencyHz", "\"50\"", ErrorClass.SchemaInvalid)]
    [InlineData("/energyImportWh", "-1", ErrorClass.SemanticNumber)]
    [InlineData("/netPowerW", "0.5", ErrorClass.SemanticNumber)]
    [InlineData("/assetId", "\"a/b\"", ErrorClass.SemanticId)]
    [InlineData("/manualOverride", "1", ErrorClass.SchemaInvalid)]
    [InlineData("/alarms", "\"overVoltage\"", ErrorClass.SchemaInvalid)]
    [InlineData("/alarms/0", "\"overvoltage\"", ErrorClass.SchemaInvalid)]
    [InlineData("/alarms/0", "7", ErrorClass.SchemaInvalid)]
    [InlineData("/alarms/0", "\"phaseRotation\"", ErrorClass.SchemaInvalid)]
    public void Readings_are_refused_by_class(string member, string? raw, ErrorClass kind) =>
        Assert.Equal(kind, Problems.FindClass(ReadingReader.Read(Sample.Utf8(Sample.With(Reading, member, raw))).Items[0].Problem!));

    [Fact]
    public void Alarms_are_read_as_a_whole_and_none_is_a_statement_too()
    {
        Assert.Equal([AlarmKind.OverVoltage, AlarmKind.PhaseRotation], ReadingReader.Read(Sample.Utf8(Reading)).Items[0].Value!.Alarms);
        Assert.Equal([], ReadingReader.Read(Sample.Utf8("""{"at":"2027-01-15T18:00:00Z","alarms":[]}""")).Items[0].Value!.Alarms);
        Assert.Equal(ReadingReader.Read(Sample.Utf8(Reading)).Items[0].Value, ReadingReader.Read(Sample.Utf8(Reading)).Items[0].Value);
    }

    [Fact]
    public void A_reading_of_nothing_is_refused() =>
        Assert.Equal(ErrorClass.SchemaInvalid, Problems.FindClass(ReadingReader.Read(Sample.Utf8("""{"at":"2027-01-15T18:00:00Z"}""")).Items[0].Problem!));

    [Fact]
    public void An_upstream_report_is_read()
    {
        var report = UpstreamReportReader.Read(Sample.Utf8(Report)).Value!;

        Assert.Equal(NodaTime.Duration.FromSeconds(45), report.ValidFor);
        Assert.Equal(["site-1", "site-2"], report.Streams[0].Sites);
        Assert.Equal(UpstreamStatus.Stale, report.Streams[0].Status);
    }

    [Theory]
    [InlineData("/validFor", "\"PT0S\"", ErrorClass.SemanticTime)]
    [InlineData("/streams/0/sites", null, ErrorClass.SchemaInvalid)]
    [InlineData("/streams/0/sites/1", "7", ErrorClass.SchemaInvalid)]
    [InlineData("/streams/0/sites/1", "\"*\"", ErrorClass.SemanticId)]
    [InlineData("/streams/0/status", "\"fine\"", ErrorClass.SchemaInvalid)]
    public void Upstream_reports_are_refused_by_class(string member, string? raw, ErrorClass kind) =>
        Assert.Equal(kind, Problems.FindClass(UpstreamReportReader.Read(Sample.Utf8(Sample.With(Report, member, raw))).Problem!));
}
