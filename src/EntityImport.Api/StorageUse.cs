namespace EntityImport.Api;

/// <summary>How much space what takes, and when that is free again.</summary>
/// <param name="DatabaseBytes">The store's file with its log: records, catalog, plans and before-images, and room in it that is free again.</param>
/// <param name="Uploads">Uploaded files.</param>
/// <param name="ErrorFiles">Files of rejected rows, as they were at <paramref name="ErrorFilesDate"/>; null until they were looked at for the first time.</param>
/// <param name="ErrorFilesDate">When those were looked at last, which is done every ten minutes.</param>
/// <param name="BeforeImages">What entities' records were before imports.</param>
/// <param name="Plans">What plans keep.</param>
public sealed record StorageUse(long DatabaseBytes, SpaceUse Uploads, SpaceUse? ErrorFiles, DateTimeOffset? ErrorFilesDate, BeforeImageUse BeforeImages, PlanUse Plans);

/// <summary>How much space some things take.</summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="OldestDate">When the oldest came to be; null where there is none.</param>
/// <param name="ExpiresDate">The earliest time at which the first is deleted; null where there is none, or where they are kept for ever. A file that is imported again is kept longer.</param>
public sealed record SpaceUse(long Count, long Bytes, DateTimeOffset? OldestDate, DateTimeOffset? ExpiresDate);

/// <summary>What is kept of what records were before imports.</summary>
/// <param name="Bytes">About how much it takes in the store.</param>
/// <param name="MaxBytes">How much it may take; beyond it the oldest is deleted.</param>
/// <param name="Entities">The same by entity, the largest first.</param>
public sealed record BeforeImageUse(long Bytes, long MaxBytes, IReadOnlyList<EntityBeforeImageUse> Entities);

/// <summary>What is kept of what an entity's records were.</summary>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="Bytes">About how much it takes in the store; what waits in its log is not counted yet.</param>
/// <param name="Imports">Of how many imports it is kept: they can be undone.</param>
/// <param name="Records">How many records.</param>
/// <param name="OldestDate">When the oldest of the imports ended.</param>
/// <param name="ExpiresDate">When what is kept of it is deleted, if not before for want of space; null where it is kept for ever.</param>
public sealed record EntityBeforeImageUse(string EntitySystemName, long Bytes, long Imports, long Records, DateTimeOffset? OldestDate, DateTimeOffset? ExpiresDate);

/// <summary>What plans keep.</summary>
/// <param name="Count">How many plans.</param>
/// <param name="Bytes">About how much they keep, before compression.</param>
/// <param name="MaxBytes">How much they may keep; a plan that would take more fails.</param>
/// <param name="ExpiresDate">When the time of the first is over; null where there is none.</param>
public sealed record PlanUse(long Count, long Bytes, long MaxBytes, DateTimeOffset? ExpiresDate);
