import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { findExecutable } from '../../../packages/testing/src/find-executable.ts';

export interface Nginx {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts a real nginx, installed if need be where root may, in front of a server on the loopback interface, with a pool of 16. */
export async function startNginx(upstreamPort: number): Promise<Nginx> {
  const executable = await findExecutable({
    name: 'nginx',
    variable: 'BELFRY_NGINX',
    environment: process.env,
    candidates: ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'],
    debianPackage: 'nginx-light',
    installCommands: {
      darwin: 'brew install nginx',
      win32: 'winget install --exact --id nginxinc.nginx',
      linux: new Map([['debian', 'sudo apt-get update && sudo apt-get install -y nginx-light']]),
      other: 'your package manager (nginx)',
    },
    install: true,
  });
  const folder = await mkdtemp(join(tmpdir(), 'belfry-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration({ folder, port, upstreamPort }));
  const child = spawn(executable, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`nginx did not start: see ${folder}/error.log`);
    await setTimeout(20);
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

function configuration(at: { folder: string; port: number; upstreamPort: number }): string {
  // Its worker would give up root, and could not write the bodies that it keeps in the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${at.folder}/${name};`,
  );
  return `
${user}
daemon off;
worker_processes 1;
pid ${at.folder}/nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  upstream belfry {
    server 127.0.0.1:${at.upstreamPort};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${at.port};
    location / {
      proxy_pass http://belfry;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
