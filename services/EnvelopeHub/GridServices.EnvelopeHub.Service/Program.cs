using GridServices.EnvelopeHub.Service;

await using var app = EnvelopeHubApp.Build(args);
await app.RunAsync();
