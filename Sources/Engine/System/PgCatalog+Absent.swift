/// Tables of what Leat has nothing of: they have their columns and no rows.
extension PgCatalog {
  static let absent: [SystemView] = described + rules + grants + elsewhere

  /// There is no COMMENT.
  private static let described = [
    table(2609, "pg_description", "objoid:oid classoid:oid objsubid:int4 description:text"),
    table(2396, "pg_shdescription", "objoid:oid classoid:oid description:text"),
    table(3596, "pg_seclabel", "objoid:oid classoid:oid objsubid:int4 provider:text label:text"),
  ]

  /// Rules, triggers, policies, inheritance, statistics, sequences, operators' classes.
  private static let rules = [
    table(2611, "pg_inherits", "inhrelid:oid inhparent:oid inhseqno:int4 inhdetachpending:bool"),
    table(
      3350, "pg_partitioned_table",
      """
      partrelid:oid partstrat:char partnatts:int2 partdefid:oid partattrs:int2vector partclass:oidvector partcollation:oidvector
      partexprs:pg_node_tree
      """),
    table(
      2618, "pg_rewrite",
      "oid:oid rulename:name ev_class:oid ev_type:char ev_enabled:char is_instead:bool ev_qual:pg_node_tree ev_action:pg_node_tree"),
    table(
      2620, "pg_trigger",
      """
      oid:oid tgrelid:oid tgparentid:oid tgname:name tgfoid:oid tgtype:int2 tgenabled:char tgisinternal:bool tgconstrrelid:oid
      tgconstrindid:oid tgconstraint:oid tgdeferrable:bool tginitdeferred:bool tgnargs:int2 tgattr:int2vector tgargs:text
      tgqual:pg_node_tree tgoldtable:name tgnewtable:name
      """),
    table(
      3466, "pg_event_trigger",
      "oid:oid evtname:name evtevent:name evtowner:oid evtfoid:oid evtenabled:char evttags:text[]"),
    table(
      3256, "pg_policy",
      """
      oid:oid polname:name polrelid:oid polcmd:char polpermissive:bool polroles:oid[] polqual:pg_node_tree
      polwithcheck:pg_node_tree
      """),
    table(
      3381, "pg_statistic_ext",
      """
      oid:oid stxrelid:oid stxname:name stxnamespace:oid stxowner:oid stxstattarget:int4 stxkeys:int2vector stxkind:char[]
      stxexprs:pg_node_tree
      """),
    table(
      2224, "pg_sequence",
      "seqrelid:oid seqtypid:oid seqstart:int8 seqincrement:int8 seqmax:int8 seqmin:int8 seqcache:int8 seqcycle:bool"),
    table(
      2616, "pg_opclass",
      """
      oid:oid opcmethod:oid opcname:name opcnamespace:oid opcowner:oid opcfamily:oid opcintype:oid opcdefault:bool opckeytype:oid
      """),
    table(2753, "pg_opfamily", "oid:oid opfmethod:oid opfname:name opfnamespace:oid opfowner:oid"),
    table(
      2608, "pg_depend",
      "classid:oid objid:oid objsubid:int4 refclassid:oid refobjid:oid refobjsubid:int4 deptype:char"),
    table(1214, "pg_shdepend", "dbid:oid classid:oid objid:oid objsubid:int4 refclassid:oid refobjid:oid deptype:char"),
  ]

  /// There is one role, with all rights.
  private static let grants = [
    table(826, "pg_default_acl", "oid:oid defaclrole:oid defaclnamespace:oid defaclobjtype:char defaclacl:aclitem[]"),
    table(1261, "pg_auth_members", "roleid:oid member:oid grantor:oid admin_option:bool"),
    table(2964, "pg_db_role_setting", "setdatabase:oid setrole:oid setconfig:text[]"),
  ]

  /// Extensions, foreign servers, publications, encodings' conversions, text search.
  private static let elsewhere = [
    table(
      3079, "pg_extension",
      """
      oid:oid extname:name extowner:oid extnamespace:oid extrelocatable:bool extversion:text extconfig:oid[] extcondition:text[]
      """),
    table(
      2328, "pg_foreign_data_wrapper",
      "oid:oid fdwname:name fdwowner:oid fdwhandler:oid fdwvalidator:oid fdwacl:aclitem[] fdwoptions:text[]"),
    table(
      1417, "pg_foreign_server",
      """
      oid:oid srvname:name srvowner:oid srvfdw:oid srvtype:text srvversion:text srvacl:aclitem[] srvoptions:text[]
      """),
    table(3118, "pg_foreign_table", "ftrelid:oid ftserver:oid ftoptions:text[]"),
    table(
      6104, "pg_publication",
      """
      oid:oid pubname:name pubowner:oid puballtables:bool pubinsert:bool pubupdate:bool pubdelete:bool pubtruncate:bool
      pubviaroot:bool
      """),
    table(6106, "pg_publication_rel", "oid:oid prpubid:oid prrelid:oid prqual:pg_node_tree prattrs:int2vector"),
    table(6237, "pg_publication_namespace", "oid:oid pnpubid:oid pnnspid:oid"),
    table(
      2607, "pg_conversion",
      """
      oid:oid conname:name connamespace:oid conowner:oid conforencoding:int4 contoencoding:int4 conproc:regproc condefault:bool
      """),
    table(3602, "pg_ts_config", "oid:oid cfgname:name cfgnamespace:oid cfgowner:oid cfgparser:oid"),
  ]
}
