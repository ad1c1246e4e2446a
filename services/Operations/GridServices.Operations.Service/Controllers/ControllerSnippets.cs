namespace GridServices.Operations.Service.Controllers;

/// <summary>Ready-made beginnings for who connects a controller.</summary>
internal static class ControllerSnippets
{
    /// <summary>Name and text of each, with the token where there is one to show.</summary>
    internal static IReadOnlyList<(string Name, string Text)> Create(string hub, string siteId, string? token)
    {
        var (url, secret) = (hub.TrimEnd('/'), token ?? "TOKEN");
        return
        [
            ("curl", $"curl -N -H 'Authorization: Bearer {secret}' {url}/v1/sites/{siteId}/stream"),
            ("Python", $$"""
                import json, urllib.request

                request = urllib.request.Request("{{url}}/v1/sites/{{siteId}}/stream", headers={"Authorization": "Bearer {{secret}}"})
                with urllib.request.urlopen(request, timeout=60) as stream:   # a heartbeat comes every 15 s
                    for line in stream:
                        if line.startswith(b"data:"):
                            print(json.loads(line[5:]))
                """),
            (".NET", $$"""
                // dotnet add package GridServices.Client: resumes, falls safe where the line is lost, acknowledges
                using var site = new SiteSession(new SiteSessionOptions
                {
                    Hub = new HubClientOptions { Hub = new Uri("{{url}}"), Token = "{{secret}}", SiteId = "{{siteId}}" },
                    Failsafe = new FailsafeOptions { InitLimits = new Limits { ImportLimitW = 4_200 } }, // before the first contact ever
                    StateFile = "held.json",
                });
                site.LimitsChanged += limits => SetImportLimitW(limits.MostImportW(failsafeW: 4_200)); // null: no limit, and that is known; 0: nothing allowed
                await site.RunAsync(CancellationToken.None);
                """),
        ];
    }
}
