import Expressions
import Planner
import SQLCatalog
import SQLTypes

/// The instance: its database, its one role, its settings, its access methods and collations.
extension PgCatalog {
  static let cluster =
    [databases, tablespaces, accessMethods, languages, collations, roles, users, authIDs, settings, functions, operators]

  private static let databases = table(
    1262, "pg_database",
    """
    oid:oid datname:name datdba:oid=10 encoding:int4=6 datlocprovider:char=c datistemplate:bool=f datallowconn:bool=t
    datconnlimit:int4=-1 datfrozenxid:xid=0 datminmxid:xid=0 dattablespace:oid=1663 datcollate:text=C datctype:text=C
    daticulocale:text datcollversion:text datacl:aclitem[]
    """
  ) { reading in
    [["oid": .integer(ObjectID.database), "datname": .text(reading.session.database)]]
  }

  private static let tablespaces = table(
    1213, "pg_tablespace", "oid:oid spcname:name spcowner:oid=10 spcacl:aclitem[] spcoptions:text[]"
  ) { _ in
    [["oid": .integer(ObjectID.tablespace), "spcname": "pg_default"]]
  }

  private static let accessMethods = table(2601, "pg_am", "oid:oid amname:name amhandler:regproc=- amtype:char") { _ in
    [
      ["oid": .integer(ObjectID.heap), "amname": "heap", "amhandler": "heap_tableam_handler", "amtype": "t"],
      ["oid": .integer(ObjectID.btree), "amname": "btree", "amhandler": "bthandler", "amtype": "i"],
    ]
  }

  private static let languages = table(
    2612, "pg_language",
    """
    oid:oid lanname:name lanowner:oid=10 lanispl:bool=f lanpltrusted:bool=f lanplcallfoid:oid=0 laninline:oid=0 lanvalidator:oid=0
    lanacl:aclitem[]
    """
  ) { _ in
    [["oid": 12, "lanname": "internal"]]
  }

  private static let collations = table(
    3456, "pg_collation",
    """
    oid:oid collname:name collnamespace:oid=11 collowner:oid=10 collprovider:char=c collisdeterministic:bool=t
    collencoding:int4=-1 collcollate:text collctype:text colliculocale:text collversion:text
    """
  ) { _ in
    [
      ["oid": .integer(ObjectID.defaultCollation), "collname": "default", "collprovider": "d"],
      ["oid": .integer(ObjectID.cCollation), "collname": "C", "collcollate": "C", "collctype": "C"],
      ["oid": 951, "collname": "POSIX", "collcollate": "POSIX", "collctype": "POSIX"],
    ]
  }

  private static let roles = table(
    9_001, "pg_roles",
    """
    rolname:name rolsuper:bool=t rolinherit:bool=t rolcreaterole:bool=t rolcreatedb:bool=t rolcanlogin:bool=t
    rolreplication:bool=f rolconnlimit:int4=-1 rolpassword:text=******** rolvaliduntil:timestamptz rolbypassrls:bool=t
    rolconfig:text[] oid:oid=10
    """
  ) { reading in
    [["rolname": .text(reading.session.user)]]
  }

  private static let users = table(
    9_002, "pg_user",
    """
    usename:name usesysid:oid=10 usecreatedb:bool=t usesuper:bool=t userepl:bool=f usebypassrls:bool=t passwd:text=********
    valuntil:timestamptz useconfig:text[]
    """
  ) { reading in
    [["usename": .text(reading.session.user)]]
  }

  private static let authIDs = table(
    1260, "pg_authid",
    """
    oid:oid=10 rolname:name rolsuper:bool=t rolinherit:bool=t rolcreaterole:bool=t rolcreatedb:bool=t rolcanlogin:bool=t
    rolreplication:bool=f rolbypassrls:bool=t rolconnlimit:int4=-1 rolpassword:text rolvaliduntil:timestamptz
    """
  ) { reading in
    [["rolname": .text(reading.session.user)]]
  }

  private static let settings = table(
    9_003, "pg_settings",
    """
    name:text setting:text unit:text category:text=Leat short_desc:text extra_desc:text context:text vartype:text=string source:text
    min_val:text max_val:text enumvals:text[] boot_val:text reset_val:text sourcefile:text sourceline:int4 pending_restart:bool=f
    """
  ) { reading in
    reading.session.settings().map { setting in
      [
        "name": .text(setting.name), "setting": .text(setting.value), "short_desc": .text(setting.description),
        "context": setting.isFixed ? "internal" : "user", "source": setting.value == setting.initial ? "default" : "session",
        "boot_val": .text(setting.initial), "reset_val": .text(setting.initial),
      ]
    }
  }

  /// The functions that can be called in a view, each overload with a number of its own.
  private static let functions = table(
    1255, "pg_proc",
    """
    oid:oid proname:name pronamespace:oid=11 proowner:oid=10 prolang:oid=12 procost:float4=1 prorows:float4=0 provariadic:oid=0
    prosupport:regproc=- prokind:char=f prosecdef:bool=f proleakproof:bool=f proisstrict:bool=t proretset:bool=f
    provolatile:char=i proparallel:char=s pronargs:int2 pronargdefaults:int2=0 prorettype:oid proargtypes:oidvector
    proallargtypes:oid[] proargmodes:char[] proargnames:text[] proargdefaults:pg_node_tree protrftypes:oid[] prosrc:text
    probin:text prosqlbody:pg_node_tree proconfig:text[] proacl:aclitem[]
    """
  ) { _ in
    CallableFunction.all.enumerated().map { index, function in
      [
        "oid": .integer(CallableFunction.firstObjectID + Int64(index)), "proname": .text(function.name),
        "prokind": function.isAggregate ? "a" : "f", "proisstrict": .boolean(!function.isAggregate),
        "pronargs": SystemValue(function.arguments.count), "prorettype": .integer(Int64(function.result.oid)),
        "proargtypes": .text(function.arguments.map { String($0.oid) }.joined(separator: " ")), "prosrc": .text(function.name),
      ]
    }
  }

  /// The operators, numbered like the functions.
  private static let operators = table(
    2617, "pg_operator",
    """
    oid:oid oprname:name oprnamespace:oid=11 oprowner:oid=10 oprkind:char oprcanmerge:bool=f oprcanhash:bool=f oprleft:oid=0
    oprright:oid oprresult:oid oprcom:oid=0 oprnegate:oid=0 oprcode:regproc=- oprrest:regproc=- oprjoin:regproc=-
    """
  ) { _ in
    FunctionTable.allOperators.enumerated().map { index, overload in
      let types = overload.signature.map { SystemValue.integer(Int64($0.oid)) }
      return [
        "oid": SystemValue(10_000 + index), "oprname": .text(overload.function.name), "oprkind": types.count == 2 ? "b" : "l",
        "oprleft": types.count == 2 ? types[0] : 0, "oprright": types[types.count - 1],
        "oprresult": .integer(Int64(overload.function.result.oid)),
      ]
    }
  }
}
