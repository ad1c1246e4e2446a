using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Procedures;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>Both forms of a procedure: the published YAML and our JSON.</summary>
public sealed class ProcedureFileTests
{
    /// <summary>Every trait of the published form: comments, quotes, lists as deep as their key, lists and maps in one line, lists of maps.</summary>
    private const string Yaml = """
        # own example
        Description: 'An export limit: held, then released' # said to people
        TargetVersions:
          - v1.2
          - "v1.3"
        Preconditions:
          immediate_start: true
          init_actions:
          - type: set-comms-rate
            parameters:
              dcap_poll_seconds: 60
          checks:
            - type: end-device-contents
              parameters: {}
          actions:
            - type: create-der-control
              parameters:
                start: $(now + '5 minutes')
                opModExpLimW: $(maxExportW * 0.5)
                opModConnect: false
        Criteria:
          checks:
            - type: all-steps-complete
        Steps:
          GET-DCAP:
            instructions:
              - Switch it on # then wait
              - "Say \# nothing"
            event:
              type: GET-request-received
              parameters:
                endpoint: /dcap
              checks:
                - type: end-device-contents
                  parameters: {"check_lfdi": true, other: 'b'}
            actions:
              - type: enable-steps
                parameters:
                  steps: [LAST, "OTHER"]
          LAST:
            event:
              type: wait
              parameters:
                duration_seconds: 1.5
        """;

    private const string Json = """
        {"name": "OWN-01", "about": "An export limit: held, then released", "versions": ["v1.2", "v1.3"], "immediate": true,
         "prepare": [{"set-comms-rate": {"dcap_poll_seconds": 60}}],
         "require": [{"end-device-contents": {}}],
         "begin": [{"create-der-control": {"start": "$(now + '5 minutes')", "opModExpLimW": "$(maxExportW * 0.5)", "opModConnect": false}}],
         "steps": [
          {"name": "GET-DCAP", "on": {"GET-request-received": {"endpoint": "/dcap"}}, "if": [{"end-device-contents": {"check_lfdi": true, "other": "b"}}], "do": [{"enable-steps": {"steps": ["LAST", "OTHER"]}}]},
          {"name": "LAST", "on": {"wait": {"duration_seconds": 1.5}}}],
         "judge": [{"all-steps-complete": {}}]}
        """;

    [Fact]
    public void Both_forms_say_the_same()
    {
        var published = Procedure.Read(Yaml, "OWN-01");
        var ours = ProcedureScript.Read(Json);
        Assert.Equal(PublicProcedureTests.Facts(published), PublicProcedureTests.Facts(ours));
        Assert.Equal((ours.Name, ours.Description), (published.Name, published.Description));
        Assert.Equal(["LAST", "OTHER"], ours.Steps[0].Actions.Single().Texts("steps"));
        Assert.True(ours.Steps[0].Checks.Single().Flag("check_lfdi"));
        Assert.Equal(60, ours.InitActions.Single().Number("dcap_poll_seconds"));
        Assert.Equal("Switch it on", published.Steps[0].Instructions[0]);
    }

    [Theory]
    [InlineData("Steps:\n  A:\n    actions: []\n", "has no event")]
    [InlineData("Description: no steps\n", "has no Steps")]
    [InlineData("Steps:\n  A:\n    event:\n      parameters: {}\n", "has no type")]
    [InlineData("Steps:\n  words without a colon\n", "is no \"key: value\"")]
    [InlineData("Steps: {a}\n", "is no \"key: value\"")]
    [InlineData("- a\n- b\n", "no map")]
    public void A_published_procedure_of_another_form_is_refused(string yaml, string said) =>
        Assert.Contains(said, Assert.Throws<SimException>(() => Procedure.Read(yaml, "X-01")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{", "no JSON")]
    [InlineData("[]", "no JSON object")]
    [InlineData("""{"name": "A", "about": "b", "steps": []}""", "\"versions\"")]
    [InlineData("""{"name": "A", "about": "b", "versions": [], "steps": [{"name": "S"}]}""", "\"on\"")]
    [InlineData("""{"name": "A", "about": "b", "versions": [], "steps": [{"name": "S", "on": {"wait": {}, "proceed": {}}}]}""", "no object of one member")]
    [InlineData("""{"name": "A", "about": "b", "versions": [], "steps": [{"name": "S", "on": {"wait": 5}}]}""", "no object of one member")]
    public void A_script_of_another_form_is_refused(string json, string said) =>
        Assert.Contains(said, Assert.Throws<SimException>(() => ProcedureScript.Read(json)).Message, StringComparison.Ordinal);
}
