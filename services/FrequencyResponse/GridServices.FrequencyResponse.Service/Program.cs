using GridServices.FrequencyResponse.Service;
using GridServices.FrequencyResponse.Service.Commands;
using GridServices.Hosting;

return EvidenceCommand.Run(args, Console.Out) ?? await GridService.RunAsync(args, FrequencyResponseApp.Build);
