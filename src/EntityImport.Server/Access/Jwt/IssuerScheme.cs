using EntityImport.Server.Options;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace EntityImport.Server.Access.Jwt;

/// <summary>The scheme of one issuer: the framework's handler of bearer tokens, told what this issuer's must be, and made to end in a caller.</summary>
internal sealed class IssuerScheme(string name, JwtIssuerOptions options, IssuerKeys keys, TimeProvider time, CredentialLog log)
{
    private readonly IssuerTokens _tokens = new(options, time);

    /// <summary>Sets the handler up.</summary>
    public void Configure(JwtBearerOptions bearer)
    {
        bearer.ConfigurationManager = keys;
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.TokenValidationParameters = _tokens.Rules(options.Audience);
        bearer.Events = new JwtBearerEvents { OnMessageReceived = LookForKeyAsync, OnTokenValidated = FindCallerAsync, OnAuthenticationFailed = RefuseAsync };
    }

    /// <summary>Sees to it that the key which the token names is known, where the issuer has it.</summary>
    private async Task LookForKeyAsync(MessageReceivedContext context)
    {
        context.Token = Credentials.Bearer(context.Request);
        try
        {
            await keys.FindAsync(UnverifiedToken.Read(context.Token)?.KeyId, context.HttpContext.RequestAborted);
        }
        catch (MetadataUnavailableException)
        {
            log.Unchecked(name, "metadata-unavailable");
            context.Fail(Credentials.CannotTell(IssuerKeys.Pause));
        }
    }

    private Task FindCallerAsync(TokenValidatedContext context)
    {
        if (_tokens.CallerOf(context.Principal!, "jwt", $"jwt:{name}") is not { } caller)
        {
            Refuse(context, "subject-missing");
            return Task.CompletedTask;
        }

        context.Principal = new CallerPrincipal(caller);
        context.Success();
        return Task.CompletedTask;
    }

    private Task RefuseAsync(AuthenticationFailedContext context)
    {
        if (context.Exception is OperationCanceledException) return Task.CompletedTask;
        if (context.Exception is MetadataUnavailableException)
        {
            log.Unchecked(name, "metadata-unavailable");
            context.Fail(Credentials.CannotTell(IssuerKeys.Pause));
        }
        else
        {
            Refuse(context, IssuerTokens.ReasonOf(context.Exception));
        }

        return Task.CompletedTask;
    }

    private void Refuse(ResultContext<JwtBearerOptions> context, string reason)
    {
        log.Refused(name, reason);
        context.Fail(Credentials.Bad());
    }
}
